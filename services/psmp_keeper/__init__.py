"""The state keeper: moves the project along its lifecycle, projects the log into Postgres, answers questions."""

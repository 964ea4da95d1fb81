"""Graphs of agents as people write them: read from YAML or JSON with the place of every part, judged as intake does."""

"""The conflict checker: can all declarations of a project stand together, and if not, why and what would help."""

"""The algebra of compatibility: can all demands stand together; if not, why, and what is the way out. Pure."""

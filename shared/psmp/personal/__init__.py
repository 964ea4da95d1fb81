"""Personal fields: which they are, how they are sealed and opened, and the keys by which. Pure."""

"""The transitive check: can all that was declared be installed together, asked of uv over a package index."""

"""The command line ``psmp``. Nothing here is imported before the command that needs it."""

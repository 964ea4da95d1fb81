"""The log: the port, its adapters, and the one loop between a rule and the log."""

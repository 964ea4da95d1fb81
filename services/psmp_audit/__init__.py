"""The audit writer: every message of the log, byte for byte and hashed, in a ledger that only grows."""

"""NATS as PSMP uses it: one way to connect, the streams and consumers there must be, one way to pull and to settle."""

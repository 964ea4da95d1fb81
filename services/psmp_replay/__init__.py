"""Replay: every recorded decision is decided again by the same rules, and compared byte for byte."""

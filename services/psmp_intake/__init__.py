"""Declaration intake: every command gets one outcome, decided by the project's log."""

"""The whole system, every part a process of its own, under load and under faults."""

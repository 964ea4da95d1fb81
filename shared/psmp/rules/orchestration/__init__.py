"""Governed parallelism, decided: whether a graph can be run, what may happen next in a run, how it is settled. Pure."""

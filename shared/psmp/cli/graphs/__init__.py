"""Graphs of agents in files: read with the place of every part, and judged as intake judges them."""

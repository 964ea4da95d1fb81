"""Graphs of agents on the command line: followed as they run, and proved from what is exported."""

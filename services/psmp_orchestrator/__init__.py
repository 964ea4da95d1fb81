"""The orchestrator service: many agents at once by a graph, each with leave, each reviewed, and one settlement."""

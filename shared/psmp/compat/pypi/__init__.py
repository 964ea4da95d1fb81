"""Python packages: PEP 440 constraints as exact sets of versions."""

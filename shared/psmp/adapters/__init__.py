"""Agent frameworks under PSMP's governance: each adapter gates where its framework stops a run, and nowhere else."""

"""A witness: a process of its own that cosigns checkpoints which extend what it has seen (C2SP tlog-witness)."""

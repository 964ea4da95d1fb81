"""What makes a record provable: Merkle trees, signed notes, checkpoints and receipts. Pure; it knows no store."""

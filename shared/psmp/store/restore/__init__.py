"""What is stored held against itself, and the log or the ledger written again from the other."""

"""The signer: holds the keys of the ledger, and signs nothing that does not extend what it has signed before."""

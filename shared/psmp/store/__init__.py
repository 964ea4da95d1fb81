"""Postgres: migrations, the projection and the ledger, what follows the log into them, and what checks them."""

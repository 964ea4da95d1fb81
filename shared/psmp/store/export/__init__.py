"""What leaves Postgres for people and auditors: bundles, sheets, extracts and attestations."""

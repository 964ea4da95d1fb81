"""Tests, cheapest first: unit, integration (real servers), system (the whole stack)."""

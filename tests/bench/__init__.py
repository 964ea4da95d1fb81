"""How fast PSMP is, beside the limits of the machine it runs on. Measures; asserts nothing."""

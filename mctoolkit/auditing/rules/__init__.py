"""The session rules, one module per subject; the texts are in ``spec/data/session_rules.toml``."""

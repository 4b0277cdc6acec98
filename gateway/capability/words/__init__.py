"""All words of a capability report, one file per language; both have the same keys."""

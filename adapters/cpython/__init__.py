"""CPython's own ssl module, by its public API."""

"""The commands: one module for each verb, with its options and what it prints; what it does is elsewhere."""

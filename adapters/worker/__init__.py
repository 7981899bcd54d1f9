"""The worker: a process of its own that drives one library and answers JSON lines, and the client that talks to it."""

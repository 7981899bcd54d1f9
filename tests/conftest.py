"""What holds for every test."""

from hypothesis import settings

# Speed is measured by tests/bench.py; a busy machine fails no test.
settings.register_profile("sslspec", deadline=None)
settings.load_profile("sslspec")

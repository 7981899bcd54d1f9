"""What holds for every test."""

from hypothesis import HealthCheck, settings

# Speed is measured by tests/bench.py; a busy machine fails no test. The examples are the same every time, so that who has changed nothing
# there is not told of something that was always so; --hypothesis-profile=default looks for others.
settings.register_profile("sslspec", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sslspec")

"""What is expected of the implementations of a pytest session, read from its files when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sslspec.clauses import specification
from sslspec.expectations import Expectations, read_expectations
from sslspec.steps.collect import row_names

if TYPE_CHECKING:
    from sslspec.expectations import KnownDeviation
    from sslspec.record import Identity

_EXPECTATIONS: pytest.StashKey[Expectations] = pytest.StashKey()


def expectations(config: pytest.Config) -> Expectations:
    """Return them, for the folder that the session was given or the suite's own; raises UsageError for a file that is wrong."""
    if _EXPECTATIONS not in config.stash:
        config.stash[_EXPECTATIONS] = read_expectations(config.getoption("sslspec_expectations"), specification(), row_names())
    return config.stash[_EXPECTATIONS]


def known_of(config: pytest.Config, identity: Identity) -> tuple[KnownDeviation, ...]:
    """Return what is known of an implementation of the session."""
    return expectations(config).about(identity)

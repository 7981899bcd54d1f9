from __future__ import annotations

from sslspec.record import Identity
from sslspec.reports.html.since import Change, changes


def releases(*names):
    return [Identity(name, "openssl", "", release=name.removeprefix("openssl-")) for name in names]


def test_the_first_that_does_otherwise_stands_next_to_the_last_that_does_not():
    does = {"openssl-1.1.0f": "ok", "openssl-1.1.1k": "deviates", "openssl-1.1.1w": "deviates", "openssl-3.0.22": "ok"}
    seen = {name: {"row": what} for name, what in does.items()}
    assert changes(releases(*does), seen) == (
        Change("openssl-1.1.0f", "openssl-1.1.1k", "ok", "deviates"),
        Change("openssl-1.1.1w", "openssl-3.0.22", "deviates", "ok"),
    )


def test_what_was_not_seen_on_a_release_is_looked_for_on_the_one_before():
    seen = {"openssl-1": {"row": "a", "other": "x"}, "openssl-2": {"other": "x"}, "openssl-3": {"row": "b", "third": "y"}}
    assert changes(releases(*seen), seen) == (Change("openssl-1", "openssl-3", "a", "b"),)


def test_an_unknown_release_says_nothing_and_a_name_without_its_release_is_told():
    mine = [Identity("mine", "openssl", ""), Identity("system", "openssl", "", release="3.0.19"), *releases("openssl-4.0.3")]
    seen = {name: {"row": name} for name in ("mine", "system", "openssl-4.0.3")}
    assert changes(mine, seen) == (Change("system (3.0.19)", "openssl-4.0.3", "system", "openssl-4.0.3"),)

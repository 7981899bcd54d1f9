"""Evidence is written and read back, and reads like C."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sslspec.evidence import UNFINISHED, Event, Value, lines, under_way

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = some.none() | some.booleans() | some.integers() | some.text()
VALUES = some.recursive(PLAIN, lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner), max_leaves=5)
ARGUMENTS = some.lists(VALUES, max_size=3).map(tuple)
EVENTS = (
    some.builds(Event, some.just("step"), some.text())
    | some.builds(Event, some.just("callback"), some.text(), ARGUMENTS, depth=some.integers(0, 9))
    | some.builds(Event, some.sampled_from(["call", "observation"]), some.text(), ARGUMENTS, VALUES, some.integers(0, 9))
)

WRITTEN: list[tuple[Event, dict[str, Value], str]] = [
    (Event("step", "Given a client context"), {"step": "Given a client context"}, "Given a client context"),
    (Event("call", "SSL_new", ("ctx1",), "client1"), {"call": "SSL_new", "of": ["ctx1"], "is": "client1"}, "SSL_new(ctx1) = client1"),
    (Event("call", "SSL_free", ("client1",)), {"call": "SSL_free", "of": ["client1"], "is": None}, "SSL_free(client1)"),
    (
        Event("call", "SSL_set_session", ("client1", None), 1),
        {"call": "SSL_set_session", "of": ["client1", None], "is": 1},
        "SSL_set_session(client1, NULL) = 1",
    ),
    (
        Event("call", "SSL_free", ("client1",), UNFINISHED),
        {"call": "SSL_free", "of": ["client1"], "is": "(did not return)"},
        "SSL_free(client1) = (did not return)",
    ),
    (
        Event("callback", "new_session", ("client1", "session1")),
        {"callback": "new_session", "of": ["client1", "session1"]},
        "callback new_session(client1, session1)",
    ),
    (
        Event("call", "SSL_SESSION_free", ("session1",), depth=2),
        {"call": "SSL_SESSION_free", "of": ["session1"], "is": None, "depth": 2},
        "SSL_SESSION_free(session1)",
    ),
    (
        Event("observation", "references", ("session1",), 2),
        {"observation": "references", "of": ["session1"], "is": 2},
        "references(session1): 2",
    ),
    (
        Event("observation", "destroyed", ("session1",), result=False),
        {"observation": "destroyed", "of": ["session1"], "is": False},
        "destroyed(session1): no",
    ),
    (
        Event("call", "SSL_CTX_set_session_cache_mode", ("ctx1", ["client", "no-internal-store"])),
        {"call": "SSL_CTX_set_session_cache_mode", "of": ["ctx1", ["client", "no-internal-store"]], "is": None},
        "SSL_CTX_set_session_cache_mode(ctx1, client|no-internal-store)",
    ),
    (
        Event("call", "SSL_set_shutdown", ("client1", [])),
        {"call": "SSL_set_shutdown", "of": ["client1", []], "is": None},
        "SSL_set_shutdown(client1, none)",
    ),
    (
        Event("call", "d2i_SSL_SESSION", ({"id": "one", "age": 0},), "session1"),
        {"call": "d2i_SSL_SESSION", "of": [{"id": "one", "age": 0}], "is": "session1"},
        "d2i_SSL_SESSION(id=one, age=0) = session1",
    ),
]
IDS = [text for _, _, text in WRITTEN]


@pytest.mark.parametrize(("event", "data", "text"), WRITTEN, ids=IDS)
def test_an_event_is_written_in_both_ways(event: Event, data: dict[str, Value], text: str) -> None:
    assert event.to_json() == data
    assert str(event) == text
    assert Event.from_json(data) == event


@given(EVENTS)
def test_every_event_is_read_back_from_json(event: Event) -> None:
    assert Event.from_json(json.loads(json.dumps(event.to_json()))) == event


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"of": []},
        {"call": 1},
        {"call": "SSL_free", "of": "client1"},
        {"call": "SSL_free", "depth": "1"},
        {"cal": "SSL_free"},
        {"step": None},
    ],
)
def test_what_is_no_event_is_refused(data: Mapping[str, Value]) -> None:
    with pytest.raises(ValueError, match="not an event of evidence"):
        Event.from_json(data)


def test_what_belongs_to_a_step_is_indented_below_it() -> None:
    events = [Event("call", "SSL_new", ("ctx1",), "client1"), Event("step", "When it rains"), Event("observation", "entries", ("ctx1",), 0)]
    assert lines(events) == [
        "    SSL_new(ctx1) = client1",
        "When it rains",
        "    entries(ctx1): 0",
    ]


def _call(name: str, depth: int = 0, result: Value = UNFINISHED) -> Event:
    return Event("call", name, (), result, depth)


def _callback(name: str, depth: int = 0) -> Event:
    return Event("callback", name, depth=depth)


def test_what_a_callback_does_is_indented_below_it() -> None:
    events = [_call("connect", result=1), _callback("one"), _call("free", 1, None), _callback("two", 1), _call("count", 2, 0)]
    assert lines(events) == [
        "    connect() = 1",
        "    callback one()",
        "        free()",
        "        callback two()",
        "            count() = 0",
    ]


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], ""),
        ([_call("free", result=None)], ""),
        ([_call("free", result=None), _call("connect")], "connect()"),
        ([_call("connect"), _callback("one")], "connect()"),
        ([_call("connect"), _callback("one"), _call("free", 1, None)], "connect()"),
        ([_call("connect"), _callback("one"), _call("free", 1)], "free() inside callback one() inside connect()"),
        # The nearest callback is another one's, inside a call that has returned.
        (
            [_call("remove"), _callback("one"), _call("add", 1, 1), _callback("two", 1), _call("count", 2, 0), _call("free", 1)],
            "free() inside callback one() inside remove()",
        ),
        # A callback after another.
        (
            [_call("flush"), _callback("one"), _call("count", 1, 0), _callback("two"), _call("add", 1)],
            "add() inside callback two() inside flush()",
        ),
        (
            [_call("remove"), _callback("one"), _call("add", 1), _callback("two", 1), _call("free", 2)],
            "free() inside callback two() inside add() inside callback one() inside remove()",
        ),
        # Announcements that did not fit: the beginning is lost.
        ([_callback("one"), _call("free", 1)], "free() inside callback one()"),
        ([_call("free", 1)], "free()"),
    ],
)
def test_what_is_under_way_is_the_innermost_call_and_all_around_it(events: list[Event], said: str) -> None:
    assert under_way(events) == said


def test_an_event_is_never_changed() -> None:
    event = Event("step", "Given")
    with pytest.raises(AttributeError):
        event.name = "When"  # type: ignore[misc]

"""The trace writes down each call before and after it is made."""

from __future__ import annotations

import pytest

from sslspec.adapters.trace import Trace
from sslspec.evidence import UNFINISHED, Event


@pytest.fixture
def trace() -> Trace:
    return Trace()


def test_a_call_returns_what_it_made_and_is_recorded_as_it_is_shown(trace: Trace) -> None:
    assert trace.call("SSL_new", ("ctx1",), lambda: 0x1234, lambda _: "client1") == 0x1234
    assert trace.drain() == [Event("call", "SSL_new", ("ctx1",), "client1")]


def test_a_result_that_is_not_shown_is_not_recorded(trace: Trace) -> None:
    assert trace.call("SSL_new", ("ctx1",), lambda: 0x1234) == 0x1234
    assert trace.drain() == [Event("call", "SSL_new", ("ctx1",))]


def test_a_call_is_announced_before_it_is_made_and_again_after(trace: Trace) -> None:
    heard: list[tuple[int, Event] | str] = []
    trace.announce = lambda position, event: heard.append((position, event))
    trace.call("SSL_free", ("client1",), lambda: heard.append("made"), lambda _: 1)
    assert heard == [
        (0, Event("call", "SSL_free", ("client1",), UNFINISHED)),
        "made",
        (0, Event("call", "SSL_free", ("client1",), 1)),
    ]


def test_what_happens_inside_a_call_stands_after_it(trace: Trace) -> None:
    positions: list[int] = []
    trace.announce = lambda position, _: positions.append(position)

    def connect() -> int:
        trace.callback("new_session", ("client1", "session1"))
        return trace.call("SSL_SESSION_up_ref", ("session1",), lambda: 1, int)

    trace.call("SSL_connect", ("client1",), connect, int)
    trace.observe("references", ("session1",), 2)
    assert trace.drain() == [
        Event("call", "SSL_connect", ("client1",), 1),
        Event("callback", "new_session", ("client1", "session1")),
        Event("call", "SSL_SESSION_up_ref", ("session1",), 1),
        Event("observation", "references", ("session1",), 2),
    ]
    assert positions == [0, 1, 2, 2, 0, 3]


def test_what_a_callback_does_is_inside_of_it(trace: Trace) -> None:
    def free() -> None:
        trace.callback("inner", ())
        with trace.inside():
            trace.observe("references", ("session1",), 1)

    def connect() -> int:
        trace.callback("outer", ())
        with trace.inside():
            trace.call("SSL_SESSION_free", ("session1",), free)
        return 1

    trace.call("SSL_connect", ("client1",), connect, int)
    assert trace.drain() == [
        Event("call", "SSL_connect", ("client1",), 1),
        Event("callback", "outer"),
        Event("call", "SSL_SESSION_free", ("session1",), depth=1),
        Event("callback", "inner", depth=1),
        Event("observation", "references", ("session1",), 1, depth=2),
    ]


def test_a_callback_that_raises_is_over(trace: Trace) -> None:
    with pytest.raises(ValueError, match=r"^$"), trace.inside():
        raise ValueError
    trace.callback("next", ())
    assert trace.drain() == [Event("callback", "next")]


def test_a_call_that_raises_did_not_return(trace: Trace) -> None:
    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        trace.call("SSL_free", ("client1",), fail)
    assert trace.drain() == [Event("call", "SSL_free", ("client1",), UNFINISHED)]


def test_what_was_fetched_is_gone_and_positions_begin_again(trace: Trace) -> None:
    positions: list[int] = []
    trace.announce = lambda position, _: positions.append(position)
    trace.callback("one", ())
    trace.callback("two", ())
    assert len(trace.drain()) == 2
    assert trace.drain() == []
    trace.callback("three", ())
    assert positions == [0, 1, 0]


def test_arguments_are_kept_as_they_were(trace: Trace) -> None:
    arguments = ["ctx1", "session1"]
    trace.call("SSL_CTX_add_session", arguments, arguments.clear)
    assert trace.drain() == [Event("call", "SSL_CTX_add_session", ("ctx1", "session1"))]

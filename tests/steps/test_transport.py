"""The way of a row from one process to another."""

from __future__ import annotations

from dataclasses import MISSING, fields

import pytest

from sslspec.evidence import UNFINISHED, Event
from sslspec.record import Invariant, Row
from sslspec.steps.transport import pack, unpack
from sslspec.verdicts import Verdict

FULL = Row(
    implementation="one",
    feature="SSL_set_session.3/open.feature",
    line=7,
    scenario="The connection was left open",
    example=(("protocol", "TLS 1.3 stateful"), ("mode", "off")),
    clauses=("SSL_set_session.3/a", "SSL_set_session.3/b"),
    verdict=Verdict.DEVIATES,
    reason="expected: \u00bb1\u00ab; observed: \udc80\n2",
    expected="1",
    observed="2",
    answer="the call returns 2",
    invariants=(Invariant("SSL_set_session.3/c", 3, "broken"), Invariant("SSL_set_session.3/d", 1)),
    evidence=(
        Event("step", "Given a client context"),
        Event("call", "SSL_CTX_new", ("client", ["a", None, True]), "ctx1"),
        Event("call", "d2i_SSL_SESSION", ({"id": "x", "age": 0},), UNFINISHED),
        Event("call", "SSL_free", ("client1",)),
        Event("callback", "remove", ("ctx1", "session1")),
        Event("observation", "destroyed", ("session1",), result=False),
    ),
    seconds=0.25,
    control=True,
    undefined=True,
    known=("deviations/openssl.toml, entry 1",),
)


def test_a_full_row_arrives_as_it_was() -> None:
    assert unpack(pack(FULL)) == FULL


@pytest.mark.parametrize("verdict", Verdict)
def test_a_bare_row_arrives_as_it_was(verdict: Verdict) -> None:
    bare = Row("one", "f", 1, "s", (), ("c",), verdict)
    arrived = unpack(pack(bare))
    assert arrived == bare
    assert arrived.verdict is verdict


def test_it_travels_as_text() -> None:
    # pytest-xdist takes nothing else without opening it up.
    assert type(pack(FULL)) is str


def test_the_full_row_above_is_full() -> None:
    assert [field.name for field in fields(Row) if field.default is not MISSING and getattr(FULL, field.name) == field.default] == []


def test_a_row_that_arrived_can_be_counted() -> None:
    assert len({unpack(pack(FULL)).key, FULL.key}) == 1
    assert isinstance(unpack(pack(FULL)).example, tuple)
    assert all(isinstance(pair, tuple) for pair in unpack(pack(FULL)).example)

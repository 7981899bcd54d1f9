"""The way of a row from one process to another."""

from __future__ import annotations

from dataclasses import MISSING, fields

import pytest

from sslspec.evidence import UNFINISHED, Event
from sslspec.record import File, Identity, Invariant, Linking, Proof, Row, Wanted
from sslspec.steps.transport import pack, pack_identities, unpack, unpack_identities
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
    invariants=(
        Invariant("SSL_set_session.3/c", 3, "broken", Wanted("errors", "SSL_set_session(client1, NULL)", 1)),
        Invariant("SSL_set_session.3/d", 1),
    ),
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
    wanted=Wanted("references", "session1", -1, -1, gained=True),
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


def test_identities_arrive_as_they_were() -> None:
    linking = Linking(("ssl",), {"SSL_new": "own_SSL_new"}, {"SSL_x": ("SSL_ctrl", 7)}, ("SSL_y",), {"NUMBER": 1}, 8)
    files, proofs = (File("/lib/libssl.so", "00"),), (Proof("entries", proven=True, reason="\udc80 counted"),)
    full = Identity("one", "family", "Library 1", files, proofs, "1", "a crate", "openssl-1.1.1", linking)
    bare = Identity("two", "model", "of a page")
    assert [field.name for field in fields(Identity) if getattr(full, field.name) in (field.default, "")] == []
    assert unpack_identities(pack_identities([full, bare])) == {"one": full, "two": bare}

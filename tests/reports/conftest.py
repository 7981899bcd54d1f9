"""Small records, built by hand: each test says only what matters to it."""

from __future__ import annotations

from typing import Any

import pytest

from sslspec.clauses import OWN, Clause, Kind
from sslspec.evidence import UNFINISHED, Event
from sslspec.expectations import KnownDeviation, Whose
from sslspec.known import Change, Compared, NotSeen, Unexpected
from sslspec.record import EditionOfPage, File, Identity, Invariant, NotRun, Proof, Record, Row
from sslspec.verdicts import Verdict

PAGE = "SSL_set_session.3"
EDITION = "openssl-1.1.1"


class Make:
    """Builds the parts of a record; `hostile` is what nobody should take for anything but text."""

    page = PAGE
    edition = EDITION
    hostile = "[bold]b[/bold] \x1b[31mred\x1b[0m\nnext | `code` <b>&amp; \u202e\x07 @user #1 ]]> \\| \udc80 |"

    @staticmethod
    def clause(name: str = "a-rule", kind: Kind = Kind.RULE, **more: Any) -> Clause:
        values: dict[str, Any] = {"says": f"What {name} says.", "stated": {EDITION: ("NOTES 1",)}, "functions": ("SSL_set_session",)}
        return Clause(id=f"{more.pop('page', PAGE)}/{name}", kind=kind, **values | more)

    @staticmethod
    def row(verdict: Verdict = Verdict.CONFORMS, clause: str = "a-rule", implementation: str = "one", **more: Any) -> Row:
        values: dict[str, Any] = {"feature": f"{PAGE}/a.feature", "line": 7, "scenario": "It is so", "example": ()}
        return Row(implementation=implementation, clauses=(f"{PAGE}/{clause}",), verdict=verdict, **values | more)

    @staticmethod
    def record(rows: list[Row], clauses: list[Clause] | None = None, names: list[str] | None = None, **more: Any) -> Record:
        names = names or list(dict.fromkeys(row.implementation for row in rows)) or ["one"]
        values: dict[str, Any] = {
            "tool": "0.1.0",
            "started": "2026-01-01T00:00:00+00:00",
            "finished": "2026-01-01T00:00:09+00:00",
            "edition": EDITION,
            "python": "3.11.7",
            "platform": "Linux",
            "implementations": tuple(Identity(name, "openssl", f"Version of {name}") for name in names),
            "clauses": tuple(clauses if clauses is not None else [Make.clause()]),
            "rows": tuple(rows),
        }
        return Record(**values | more)


@pytest.fixture
def make() -> type[Make]:
    return Make


@pytest.fixture
def own(make: type[Make]) -> Record:
    """Return a record of two implementations, each held to the edition of its own: one states less than the other."""
    both, more = ("openssl-2001", EDITION), (EDITION,)
    clauses = [make.clause(name, stated=dict.fromkeys(stated, ("NOTES 1",))) for name, stated in (("old", both), ("new", more))]
    rows = [
        make.row(Verdict.CONFORMS, "old", "one"),
        make.row(Verdict.NOT_APPLICABLE, "new", "one"),
        make.row(Verdict.CONFORMS, "old", "two"),
        make.row(Verdict.DEVIATES, "new", "two", expected="it is", observed="it isn't"),
    ]
    editions = {"one": "openssl-2001", "two": EDITION}
    identities = tuple(Identity(name, "openssl", "", edition=edition) for name, edition in editions.items())
    return make.record(rows, clauses, edition=OWN, implementations=identities)


@pytest.fixture
def full(make: type[Make]) -> Record:
    """Return a record with something of everything, two implementations, and one that was not run."""
    evidence = (
        Event("step", "Given a session"),
        Event("call", "SSL_set_session", ("client1", "session1"), 1),
        Event("callback", "new_session", ("client1", None)),
        Event("call", "SSL_SESSION_free", ("session1",), depth=1),
        Event("observation", "references", ("session1",), {"of": [1, True, "x"]}),
    )
    example = (("variant", "TLS 1.3 stateful"), ("version", "TLSv1.3"))
    broken = Invariant(f"{PAGE}/always", 2, "expected: 0 or 1; observed: SSL_set_session(client1, NULL) = 7, error stack: empty")
    rows = [
        make.row(evidence=evidence, example=example, invariants=(Invariant(f"{PAGE}/always", 3),), seconds=0.25),
        make.row(Verdict.DEVIATES, "a-reading", expected="1 more", observed="2 more", reason="expected: 1 more; observed: 2 more"),
        make.row(Verdict.CRASHES, reason="SSL_set_session(client1) ended the process with SIGSEGV", scenario="It is set late"),
        make.row(Verdict.ANSWERED, "a-question", answer="the call returns 1"),
        make.row(Verdict.NOT_OBSERVABLE, reason="marked: there is no way to ask about session1"),
        make.row(evidence=evidence, example=example, implementation="two", invariants=(broken,)),
        make.row(Verdict.DEVIATES, "a-reading", "two", expected="1 more", observed="2 more", reason="expected: 1 more; observed: 2 more"),
        make.row(Verdict.ANSWERED, "a-question", "two", answer="the call returns 0"),
        make.row(Verdict.NOT_IMPLEMENTED, "late", "two", reason="the library has no SSL_clear"),
        make.row(
            Verdict.HANGS, "late", evidence=(Event("call", "SSL_clear", ("client1",), UNFINISHED),), reason="SSL_clear did not return"
        ),
        make.row(Verdict.ERROR, "broken", "two", reason="KeyError: 'session1'"),
    ]
    clauses = [
        make.clause(note="A note.", stated={"openssl-2001": ("NOTES 1", "NOTES 2"), EDITION: ()}),
        make.clause("a-reading", Kind.READING, takes="It counts once.", others=("It counts twice.", "It is left open.")),
        make.clause("always", invariant=True),
        make.clause("late"),
        make.clause("broken"),
        make.clause("a-duty", Kind.OBLIGATION),
        make.clause("a-question", Kind.QUESTION, answered_by=(f"{PAGE}/late",)),
        make.clause("elsewhere", page="SSL_CTX_add_session.3"),
    ]
    proofs = (Proof("marked", proven=False, reason="there is no way to ask"), Proof("entries", proven=True, reason="seen"))
    identities = (
        Identity("one", "openssl", "OpenSSL 1.1.1k  25 Mar 2021", (File("/usr/lib/libssl.so", "ab" * 32),), proofs),
        Identity("two", "libressl", "LibreSSL 3.1.0"),
    )
    not_run = (NotRun("three", "cc is missing", "install a C compiler"),)
    editions = (
        EditionOfPage(PAGE, "openssl-2001", "POD", sentences=9, stating=3, other={"heading": 4, "prototype": 2}),
        EditionOfPage(
            PAGE,
            EDITION,
            "mdoc",
            sentences=8,
            stating=3,
            holes=1,
            since="openssl-2001",
            differs={"gained": (f"{PAGE}/late", f"{PAGE}/always")},
        ),
    )
    return make.record(rows, clauses, implementations=identities, not_run=not_run, editions=editions)


@pytest.fixture
def judged(make: type[Make]) -> Record:
    """Return a record that was compared: something known, new, no longer as known, not seen, and an answer that changed."""
    crash = "SSL_free(client1) ended the process with SIGSEGV"
    did = {"reason": "it did", "expected": "it does not", "observed": "it did"}
    rows = [
        make.row(Verdict.DEVIATES, "known", scenario="It is known", **did, known=("deviations/d.toml, entry 1",)),
        make.row(Verdict.DEVIATES, "new", scenario="It is fresh", reason="it did, too", observed="it did, too"),
        make.row(Verdict.CONFORMS, "gone", scenario="It was so"),
        make.row(Verdict.ANSWERED, "asked", scenario="It is asked", answer="no"),
        make.row(Verdict.CRASHES, "known", scenario="It ends", reason=crash, known=("deviations/d.toml, entry 2",)),
        make.row(Verdict.NOT_OBSERVABLE, "gone", scenario="It is hidden", reason="entries: no way"),
        make.row(Verdict.DEVIATES, "partly", scenario="It is half known", **did, known=("deviations/d.toml, entry 3",)),
        make.row(Verdict.DEVIATES, "partly", scenario="It is new", **did),
    ]
    clauses = [make.clause(name) for name in ("known", "new", "gone", "partly")] + [make.clause("asked", Kind.QUESTION)]
    about = {"family": "d", "verdict": Verdict.DEVIATES, "reason": "it did", "rows": (rows[0].key,)}
    page = make.page
    entries = (
        KnownDeviation("deviations/d.toml, entry 1", clause=f"{page}/known", **about | _WORDS),
        KnownDeviation("deviations/d.toml, entry 2", clause=f"{page}/known", **about | {"verdict": Verdict.CRASHES}),
        KnownDeviation("deviations/d.toml, entry 3", clause=f"{page}/partly", **about),
        KnownDeviation("deviations/d.toml, entry 4", clause=f"{page}/gone", **about),
    )
    unexpected = (
        Unexpected(Change.NEW, "one", f"{page}/new", rows[1].key, "", "", "deviates: it did, too"),
        Unexpected(Change.NEW, "one", f"{page}/partly", rows[7].key, "", "", "deviates: it did"),
        Unexpected(Change.NO_LONGER, "one", f"{page}/gone", rows[2].key, "deviations/d.toml, entry 4", "deviates: it did", "conforms"),
        Unexpected(Change.NO_LONGER, "one", f"{page}/gone", "", "deviations/d.toml, entry 5", "deviates: .*", "held on all of 3 calls"),
        Unexpected(Change.ANSWER, "one", f"{page}/asked", rows[3].key, "answers/d.toml", "yes", "no"),
    )
    not_seen = (NotSeen("deviations/d.toml, entry 4", "one", (rows[5].key,)),)
    return make.record(rows, clauses, compared=Compared("features", entries, unexpected, not_seen, {"one": 2}))


_WORDS = {"whose": Whose.LIBRARY, "why": "It forgets.", "since": "1.1.1", "link": "https://example.org/a_b?c=1#d", "versions": ">=1.1.1"}

"""Expectations and records in a few words: one rule, one invariant and one question, on libraries of a family called double."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sslspec.clauses import Clause, Kind, Specification
from sslspec.expectations import Expectations, KnownDeviation, RowName
from sslspec.known import compare
from sslspec.record import Identity, Invariant, Record, Row
from sslspec.releases import Range
from sslspec.verdicts import Verdict

RULE, ALWAYS, ASKED = "SSL_page.3/rule", "SSL_page.3/always", "SSL_page.3/asked"
EDITION = "openssl-1.1.1"
REASON = "expected: 1 more; observed: 2 more on client2"
PATTERN = r"expected: 1 more; observed: 2 more on client\d+"
BROKEN = "expected: 0 or 1; observed: SSL_set_session(client1, session1) = 7, error stack: empty"
ENTRY = "deviations/double.toml, entry 1"

SPECIFICATION = Specification(
    {
        id_: Clause(id_, "It is so.", kind, {EDITION: ()}, ("SSL_set_session",), invariant=id_ == ALWAYS)
        for id_, kind in ((RULE, Kind.RULE), (ALWAYS, Kind.RULE), (ASKED, Kind.QUESTION))
    }
)


def key(title: str, file: str = "page.feature") -> str:
    return f"SSL_page.3/{file}::{title}"


#: Three rows of the rule, one of the question, and two rows of one title in different files.
ROWS = (
    *(RowName(key(title), title, (RULE,)) for title in ("one", "two", "three")),
    RowName(key("asks"), "asks", (ASKED,)),
    RowName(key("one", "other.feature"), "one", (ALWAYS,)),
)


def identity(name: str, family: str = "double") -> Identity:
    """Return what a library is that is called after its release: "1.1.1k"; "?" and what follows is a label of its own."""
    label, _, _ = name.partition("?")
    return Identity(name, family, f"Double {label}", release=label)


def row(name: str, title: str = "one", verdict: Verdict = Verdict.CONFORMS, **more: Any) -> Row:
    clause = next(each.clauses for each in ROWS if each.key == key(title))
    reason = REASON if verdict is Verdict.DEVIATES else ""
    return Row(name, "SSL_page.3/page.feature", 3, title, (), clause, verdict, **{"reason": reason, **more})


def fails(name: str, title: str = "one", **more: Any) -> Row:
    return row(name, title, Verdict.DEVIATES, **more)


def answers(name: str, answer: str) -> Row:
    return row(name, "asks", Verdict.ANSWERED, answer=answer)


def breaks(name: str, title: str = "one", broken: str = BROKEN) -> Row:
    return row(name, title, invariants=(Invariant(ALWAYS, 2, broken),))


def entry(versions: str = "", rows: tuple[str, ...] = ("one",), **more: Any) -> KnownDeviation:
    values = {"family": "double", "clause": RULE, "verdict": Verdict.DEVIATES, "reason": PATTERN, "name": ENTRY, "why": "Because."}
    return KnownDeviation(**{**values, "versions": versions, "rows": tuple(map(key, rows)), **more})


def expectations(*entries: KnownDeviation, answers: dict[str, str] | None = None, folder: Path = Path("features")) -> Expectations:
    """Return expectations with these entries, and the answers (range -> answer) to the one question."""
    kept = {(ASKED, key("asks")): tuple((Range(text), answer) for text, answer in (answers or {}).items())}
    named = tuple(entries)
    return Expectations(folder, "features", SPECIFICATION, ROWS, named, {"double": kept} if answers else {})


def record(*rows: Row, family: str = "double") -> Record:
    identities = tuple(identity(name, family) for name in dict.fromkeys(row.implementation for row in rows))
    clauses = tuple(SPECIFICATION.clauses.values())
    return Record("1", "2020-01-01T00:00:00+00:00", "2020-01-01T00:00:01+00:00", EDITION, "3.11", "Linux", identities, clauses, rows)


def compared(expected: Expectations, *rows: Row, family: str = "double") -> Record:
    return compare(record(*rows, family=family), expected)

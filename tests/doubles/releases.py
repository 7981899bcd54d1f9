"""Releases of a family as a run sees them: each row of each release in a word or two."""

from __future__ import annotations

from collections.abc import Mapping

from sslspec.clauses import Clause, Kind
from sslspec.record import Identity, Record, Row
from sslspec.verdicts import Verdict

#: A verdict, or the answer to a question, or what was observed of a deviation after "deviates: ".
Word = str

CLAUSE = Clause("SSL_set_session.3/a-rule", "It is so.", Kind.RULE, {"openssl-1.1.1": ("NOTES 1",)}, ("SSL_set_session",))
QUESTION = Clause("SSL_set_session.3/asked", "Is it so?", Kind.QUESTION, {"openssl-1.1.1": ("NOTES 1",)}, ("SSL_set_session",))


def row(implementation: str, title: str, word: Word, clause: Clause = CLAUSE) -> Row:
    """Return a row that says `word`."""
    verdict, _, text = word.partition(": ")
    known = {each.value for each in Verdict}
    values = {"verdict": Verdict(verdict), "observed": text, "reason": text} if verdict in known else {}
    values = values or {"verdict": Verdict.ANSWERED, "answer": word}
    return Row(implementation, "SSL_set_session.3/a.feature", 7, title, (), (clause.id,), **values)


def record(releases: Mapping[str, Mapping[str, Word]], family: str = "openssl", clause: Clause = CLAUSE) -> Record:
    """Return the record of a run of `clause`: release -> row -> what it says. Each is called FAMILY-RELEASE."""
    names = {release: f"{family}-{release}" for release in releases}
    return Record(
        tool="0.1.0",
        started="2026-01-01T00:00:00+00:00",
        finished="2026-01-01T00:00:09+00:00",
        edition="openssl-1.1.1",
        python="3.11.7",
        platform="Linux",
        implementations=tuple(Identity(name, family, "", release=release) for release, name in names.items()),
        clauses=(clause,),
        rows=tuple(row(names[release], title, word, clause) for release, rows in releases.items() for title, word in rows.items()),
    )

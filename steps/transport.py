"""Rows as text, for the way from a pytest-xdist process to the one that writes the record."""

from __future__ import annotations

import json
from dataclasses import asdict, fields

from sslspec.evidence import Event
from sslspec.record import Invariant, Row, Wanted
from sslspec.verdicts import Verdict


def pack(row: Row) -> str:
    """Return the row as JSON."""
    plain = {field.name: getattr(row, field.name) for field in fields(row)}
    plain["invariants"] = [asdict(invariant) for invariant in row.invariants]
    plain["wanted"] = asdict(row.wanted) if row.wanted else None
    plain["evidence"] = [event.to_json() for event in row.evidence]
    return json.dumps(plain)


def unpack(text: str) -> Row:
    """Return the row that `pack` wrote."""
    data = json.loads(text)
    return Row(
        **data
        | {
            "verdict": Verdict(data["verdict"]),
            "example": tuple((key, value) for key, value in data["example"]),
            "clauses": tuple(data["clauses"]),
            "known": tuple(data["known"]),
            "invariants": tuple(Invariant.from_json(invariant) for invariant in data["invariants"]),
            "wanted": Wanted.from_json(data["wanted"]),
            "evidence": tuple(Event.from_json(event) for event in data["evidence"]),
        }
    )

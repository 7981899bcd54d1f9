"""Rows as plain data, for the way from a pytest-xdist process to the one that writes the record."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sslspec.evidence import Event
from sslspec.record import Invariant, Row
from sslspec.verdicts import Verdict


def pack(row: Row) -> dict[str, Any]:
    """Return the row as lists, dictionaries and plain values."""
    return asdict(row) | {"verdict": row.verdict.value, "evidence": [event.to_json() for event in row.evidence]}


def unpack(data: dict[str, Any]) -> Row:
    """Return the row that `pack` made plain."""
    return Row(
        **data
        | {
            "verdict": Verdict(data["verdict"]),
            "example": tuple((key, value) for key, value in data["example"]),
            "clauses": tuple(data["clauses"]),
            "invariants": tuple(Invariant(**invariant) for invariant in data["invariants"]),
            "evidence": tuple(Event.from_json(event) for event in data["evidence"]),
        }
    )

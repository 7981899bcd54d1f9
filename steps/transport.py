"""What goes between the processes of pytest-xdist, as text: who is run, on the way there, and rows, on the way back."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from sslspec.evidence import Event
from sslspec.record import Identity, Invariant, Row, Wanted
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable


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


def pack_identities(identities: Iterable[Identity]) -> str:
    """Return what is run, with its proofs, as JSON."""
    return json.dumps([asdict(identity) for identity in identities])


def unpack_identities(text: str) -> dict[str, Identity]:
    """Return the identities that `pack_identities` wrote, by name."""
    return {identity.name: identity for identity in map(Identity.from_json, json.loads(text))}

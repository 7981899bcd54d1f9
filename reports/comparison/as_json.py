"""A comparison as a JSON document, for other programs; its schema is `reports/comparison.schema.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sslspec import __version__
from sslspec.comparison import WORSE, Way

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sslspec.comparison import Change, Comparison, Outcome, Pair
    from sslspec.record import Identity, Record, Row

FORMAT = "sslspec-comparison"

#: Goes up when a reader of the former version would misunderstand a comparison.
VERSION = 1


def render(comparison: Comparison) -> str:
    """Return the comparison as JSON text, ASCII only and with a newline at its end."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "tool": __version__,
        "old": _record(comparison.old),
        "new": _record(comparison.new),
        "worse": comparison.worse,
        "changed": comparison.changed,
        "counts": {way.value: comparison.number(way) for way in Way},
        "vanished": [asdict(each) for each in comparison.vanished],
        "appeared": list(comparison.appeared),
        "clauses_gone": list(comparison.clauses_gone),
        "clauses_added": list(comparison.clauses_added),
        "pairs": [_pair(comparison, pair) for pair in comparison.pairs],
    }
    return json.dumps(document, indent=1) + "\n"


def _record(record: Record) -> dict[str, Any]:
    return {"tool": record.tool, "started": record.started, "edition": record.edition}


def _pair(comparison: Comparison, pair: Pair) -> dict[str, Any]:
    return {
        "old": _identity(pair.old, comparison.old),
        "new": _identity(pair.new, comparison.new),
        "same": pair.same,
        "unseen": pair.unseen,
        "gone": _keys(pair.gone),
        "added": _keys(pair.added),
        "not_run": _keys(pair.not_run),
        "not_run_before": _keys(pair.not_run_before),
        "changes": [_change(change) for change in pair.changes],
    }


def _identity(identity: Identity, record: Record) -> dict[str, Any]:
    return {
        "name": identity.name,
        "family": identity.family,
        "version": identity.version,
        "release": identity.release,
        "edition": record.held_to(identity.name),
        "files": [asdict(file) for file in identity.files],
    }


def _keys(rows: Iterable[Row]) -> list[str]:
    return [row.key for row in rows]


def _change(change: Change) -> dict[str, Any]:
    return {
        "way": change.way.value,
        "worse": change.way in WORSE,
        "row": change.row.key,
        "clauses": list(change.clauses),
        "was": _outcome(change.was),
        "now": _outcome(change.now),
        "known": list(change.known),
    }


def _outcome(outcome: Outcome) -> dict[str, str]:
    return {"verdict": outcome.verdict.value, "expected": outcome.expected, "observed": outcome.observed, "answer": outcome.answer}

"""Histories as one JSON document, for other programs; its schema is `history.schema.json`, and its meaning changes with its version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sslspec import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.history import Change, History, Line, Release, Said, Span

VERSION = 1


def dumps(histories: Sequence[History]) -> str:
    """Return histories as the text of a JSON document."""
    document = {
        "format": "sslspec-history",
        "version": VERSION,
        "tool": __version__,
        "histories": [_history(history) for history in histories],
    }
    # ASCII, as a record is: a name may hold bytes that are no UTF-8.
    return json.dumps(document, indent=1) + "\n"


def _history(history: History) -> dict[str, Any]:
    run = set(history.run)
    return {
        "family": history.family,
        "releases": [_release(release, ran=release in run) for release in history.releases],
        "unordered": list(history.unordered),
        "clauses": [_line(line) for line in history.lines],
    }


def _release(release: Release, *, ran: bool) -> dict[str, Any]:
    status = "run" if ran else "failed" if release.trouble else "not-run"
    found: dict[str, Any] = {"name": release.name, "release": release.release, "status": status}
    return found | ({"reason": release.trouble} if release.trouble else {})


def _line(line: Line) -> dict[str, Any]:
    return {
        "clause": line.clause.id,
        "kind": line.clause.kind.value,
        "edition": line.edition,
        "spans": [_span(span) for span in line.spans],
        "changes": [_change(change) for change in line.changes],
    }


def _span(span: Span) -> dict[str, Any]:
    result = span.state.result
    return {
        "first": span.first.name,
        "last": span.last.name,
        "verdict": span.state.verdict.value if span.state.verdict else None,
        "seen": result.seen,
        "counting": result.counting,
        "answers": list(result.answers),
        "run": _names(span.releases),
        "between_equal": _names(span.unrun),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "before": change.before.name,
        "after": change.after.name,
        "not_run": _names(change.unrun),
        "rows": [{"row": row.row, "kind": row.kind.value, "before": _said(row.before), "after": _said(row.after)} for row in change.rows],
    }


def _names(releases: Sequence[Release]) -> list[str]:
    return [release.name for release in releases]


def _said(said: Said | None) -> dict[str, str] | None:
    if said is None:
        return None
    return {"verdict": said.verdict.value} | ({"text": said.text} if said.text else {})

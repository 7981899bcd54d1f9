"""Traces as one JSON document, for other programs; its schema is `reports/trace.schema.json`, and its meaning changes with its version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sslspec import __version__
from sslspec.clauses import specification
from sslspec.tracing.difference import shown
from sslspec.tracing.match import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sslspec.tracing.difference import Change
    from sslspec.tracing.match import Known, Trace, Traced

VERSION = 1


def dumps(traces: Sequence[Trace], scenarios: Mapping[str, int]) -> str:
    """Return `traces` as the text of a JSON document; scenarios: clause -> how many check it."""
    document = {
        "format": "sslspec-trace",
        "version": VERSION,
        "tool": __version__,
        "pages": [_page(trace, scenarios) for trace in traces],
    }
    return json.dumps(document, indent=2) + "\n"


def _page(trace: Trace, scenarios: Mapping[str, int]) -> dict[str, Any]:
    return {
        "file": trace.page.source.name,
        "page": trace.page.id,
        "format": trace.page.format,
        "edition": trace.ledger.edition,
        "warning": trace.page.source.warning,
        "drifted": trace.drifted,
        "counts": {finding.value: trace.count(finding) for finding in Finding},
        "sentences": [_sentence(trace, traced, scenarios) for traced in trace.sentences],
    }


def _sentence(trace: Trace, traced: Traced, scenarios: Mapping[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {"finding": traced.finding.value}
    if sentence := traced.sentence:
        line, column = trace.page.position(sentence)
        found |= {"line": line, "column": column, "section": sentence.section, "number": sentence.number}
        found |= {"text": " ".join(map(shown, sentence.chars)), "fingerprint": sentence.fingerprint, "hole": sentence.has_hole}
    if traced.known:
        found |= {"known": _known(traced.known)}
        # What a new sentence is near to says nothing about what it states.
        found |= _accounts(traced, traced.known, scenarios) if traced.finding is not Finding.NEW else {}
    return found | ({"difference": [_change(change) for change in traced.difference]} if traced.difference else {})


def _known(known: Known) -> dict[str, str]:
    return {"edition": known.edition, "where": known.entry.where, "at": known.entry.at, "fingerprint": known.entry.fingerprint}


def _accounts(traced: Traced, known: Known, scenarios: Mapping[str, int]) -> dict[str, Any]:
    entry = known.entry
    found: dict[str, Any] = {
        "certain": traced.certain,
        "states": [_clause(id_, scenarios) for id_ in entry.states],
        "leaves": [_clause(id_, scenarios) for id_ in entry.leaves],
    }
    return found | ({"disposition": entry.disposition.value, "reason": entry.reason} if entry.disposition else {})


def _clause(id_: str, scenarios: Mapping[str, int]) -> dict[str, Any]:
    return {"id": id_, "kind": specification().clauses[id_].kind.value, "scenarios": scenarios.get(id_, 0)}


def _change(change: Change) -> dict[str, Any]:
    if change.same:
        return {"same": [shown(word) for word in change.same]}
    return {"added": [shown(word) for word in change.added], "gone": change.gone, "hole": change.hole}

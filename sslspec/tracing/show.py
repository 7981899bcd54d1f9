"""A trace as text, 80 columns wide: for each sentence where it is, what was found, and what accounts for it.

Nothing of a page reaches the terminal that could move its cursor or turn its text around: such characters are written as escapes.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

from sslspec.clauses import Kind, specification
from sslspec.errors import printable
from sslspec.tracing.difference import shown
from sslspec.tracing.match import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sslspec.ledger import Entry
    from sslspec.tracing.difference import Change
    from sslspec.tracing.match import Trace, Traced

WIDTH = 80
_INDENT = 13
#: So many words around a change are enough to find it.
_AROUND = 4

#: Finding -> the sign at the beginning of a sentence.
SIGNS = {
    Finding.KNOWN: "=",
    Finding.ELSEWHERE: "=",
    Finding.CHANGED: "~",
    Finding.NEW: "+",
    Finding.MISSING: "-",
    Finding.OUTSIDE: ".",
}


def text_of(trace: Trace, scenarios: Mapping[str, int]) -> str:
    """Return `trace` as text; scenarios: clause -> how many check it."""
    page = trace.page
    title = f"{page.id} ({page.format}), compared with {trace.ledger.edition}"
    parts = [printable(page.source.name) + ":", title]
    for section, group in groupby(trace.sentences, _section):
        items = list(group)
        # A heading stands for itself.
        parts += [""] if _is_heading(items[0]) else ["", section or "(its heading is lost)"]
        for _, alike in groupby(items, _together):
            parts += _lines(trace, list(alike), scenarios)
    return "\n".join([*parts, "", *_summary(trace, scenarios), ""])


def _section(traced: Traced) -> str:
    if traced.sentence:
        return printable(traced.sentence.section)
    return traced.known.entry.section if traced.known else ""


def _is_heading(traced: Traced) -> bool:
    return traced.sentence.number == 0 if traced.sentence else bool(traced.known and traced.known.entry.is_heading)


def _together(traced: Traced) -> object:
    """Return what neighbours have in common that are said in one line: what stands around the page, by its disposition."""
    entry = traced.known.entry if traced.known else None
    if traced.finding is Finding.OUTSIDE:
        return Finding.OUTSIDE
    return entry.disposition if traced.finding is Finding.KNOWN and entry and entry.outside else id(traced)


def _lines(trace: Trace, alike: list[Traced], scenarios: Mapping[str, int]) -> Iterator[str]:
    traced = alike[0]
    start = _head(trace, traced)
    if len(alike) > 1 and alike[-1].sentence:
        entry = traced.known.entry if traced.known else None
        what = entry.reason if entry else "not known, and not of the page"
        line = f"{start} {len(alike)} lines, to line {trace.page.position(alike[-1].sentence).line}: {what}"
        yield from wrap(line, WIDTH, subsequent_indent=" " * _INDENT)
        return
    words = " ".join(map(shown, traced.sentence.chars)) if traced.sentence else "(not in this page)"
    yield f"{start} {cut(printable(words), WIDTH - len(start) - 1)}"
    for line in _accounts(traced, scenarios):
        yield from wrap(line, WIDTH, initial_indent=" " * _INDENT, subsequent_indent=" " * (_INDENT + 2), break_on_hyphens=False)


def _head(trace: Trace, traced: Traced) -> str:
    at = str(trace.page.position(traced.sentence)) if traced.sentence else ""
    return f"{at:>9} {SIGNS[traced.finding]}"


def cut(text: str, width: int) -> str:
    """Return `text`, cut to `width` columns."""
    return text if len(text) <= width else text[: width - 3].rstrip() + "..."


def _accounts(traced: Traced, scenarios: Mapping[str, int]) -> Iterator[str]:
    """Return what is said below a sentence."""
    known = traced.known
    if traced.finding is Finding.OUTSIDE:
        yield "not known, and not of the page"
    elif traced.finding is Finding.NEW:
        yield f"new; {_nearest(traced)}"
    elif known and traced.finding is not Finding.KNOWN:
        yield f"{_WORDS[traced.finding]} {_place(known.entry)} of {known.edition}"
    if traced.difference:
        yield printable(_difference(traced.difference))
    if known and traced.finding is not Finding.NEW:
        yield from _clauses(known.entry, scenarios, _CLAIM[traced.finding] if traced.certain else "if it is whole: ")
    if traced.sentence and traced.sentence.has_hole:
        yield "with a hole: what it hides is not claimed"


def _nearest(traced: Traced) -> str:
    """Return what is said of the known sentence that a new one is nearest to."""
    if not traced.known:
        return "nothing that is known is near to it"
    where = f"{traced.known.entry.where} of {traced.known.edition}"
    return f"near to {where}:" if traced.difference else f"it says {where} once more"


#: What stands before the clauses that a sentence states, or stated.
_CLAIM = {Finding.KNOWN: "", Finding.ELSEWHERE: "", Finding.CHANGED: "which states ", Finding.MISSING: "which states "}
_WORDS = {Finding.ELSEWHERE: "known as", Finding.CHANGED: "changed from", Finding.MISSING: "missing:"}


def _place(entry: Entry) -> str:
    return f"the heading {entry.section}" if entry.is_heading else f"{entry.where} (at {entry.at} there)"


def _difference(changes: tuple[Change, ...]) -> str:
    """Return the words around each change, {+those that are new+} and [-how many are gone-]."""
    parts = []
    for number, change in enumerate(changes):
        words = [shown(word) for word in change.same]
        before, after = (_AROUND if number < len(changes) - 1 else 0), (_AROUND if number else 0)
        if len(words) > before + after + 1:
            words = [*words[:after], "...", *words[len(words) - before :]]
        parts += [*words, *(["[-hole-]"] if change.hole else []), *([f"[-{_words(change.gone)}-]"] if change.gone else [])]
        parts += ["{+" + " ".join(map(shown, change.added)) + "+}"] if change.added else []
    if all(change.same for change in changes):
        return "(in a word that its mark cannot tell from the one before)"
    return " ".join(parts)


def _words(count: int) -> str:
    return f"{count} word{'s' * (count != 1)}"


def _clauses(entry: Entry, scenarios: Mapping[str, int], claim: str) -> Iterator[str]:
    if entry.states:
        yield claim + ", ".join(_clause(id_, scenarios) for id_ in entry.states)
    elif not entry.is_heading:
        yield entry.reason
    if entry.leaves:
        yield "leaves open: " + ", ".join(f"{_short(id_)} ({scenarios.get(id_, 0)})" for id_ in entry.leaves)


def _clause(id_: str, scenarios: Mapping[str, int]) -> str:
    if specification().clauses[id_].kind is Kind.OBLIGATION:
        return f"{_short(id_)} (an obligation of the caller)"
    return f"{_short(id_)} ({scenarios.get(id_, 0)})"


def _short(id_: str) -> str:
    return id_.partition("/")[2]


def _summary(trace: Trace, scenarios: Mapping[str, int]) -> Iterator[str]:
    counts = Counter(traced.finding for traced in trace.sentences)
    there = sum(counts.values()) - counts[Finding.MISSING]
    numbers = ", ".join(f"{counts[finding]} {finding.replace('-', ' ')}" for finding in Finding if counts[finding])
    yield f"{there} sentences: {numbers}"
    entries = [
        traced.known.entry
        for traced in trace.sentences
        if traced.known and traced.certain and traced.finding in (Finding.KNOWN, Finding.ELSEWHERE)
    ]
    states = {id_ for entry in entries for id_ in entry.states}
    checked = sum(bool(scenarios.get(id_)) for id_ in states)
    stating = sum(bool(entry.states) for entry in entries)
    yield f"{stating} state {len(states)} clauses; scenarios check {checked} of these (how many: in brackets)"
    reasons = Counter(entry.disposition.value for entry in entries if entry.disposition)
    if reasons:
        other = ", ".join(f"{count} {_plural(name, count)}" for name, count in reasons.most_common())
        yield from wrap(f"{sum(reasons.values())} state none: {other}", WIDTH, subsequent_indent="  ")


def _plural(name: str, count: int) -> str:
    return name if count == 1 or re.search(r"(?:licence|history|lost)$", name) else f"{name}s"

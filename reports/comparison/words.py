"""What the formats of a comparison say in the same words. Texts are as they stand in the records; `plain` is for whoever shows them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sslspec.comparison import Way
from sslspec.reports.words import partial, rows, statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sslspec.comparison import Comparison, Outcome, Pair
    from sslspec.record import Identity, Row
    from sslspec.reports.comparison.groups import Group

#: Above what changed in one way.
TITLES = {
    Way.REGRESSED: "Worse: deviates, crashes or hangs, and did not, or not so badly",
    Way.LOST: "Worse: can no longer be observed",
    Way.BROKEN: "Worse: the suite itself failed, so the library is not judged there",
    Way.OTHERWISE: "Fails in another way than before",
    Way.ANSWER: "Answers otherwise than before",
    Way.FIXED: "Fixed",
    Way.SEEN: "Can be observed now",
}

#: Behind a number of rows.
_COUNTED = {
    Way.REGRESSED: "began to deviate, crash or hang",
    Way.LOST: "can no longer be observed",
    Way.BROKEN: "ended in an error of the suite",
    Way.OTHERWISE: "fail in another way",
    Way.ANSWER: "answer otherwise",
    Way.FIXED: "fixed",
    Way.SEEN: "can be observed now",
}

_FEW = 6


def headline(comparison: Comparison) -> str:
    """Return the outcome in a line."""
    numbers = {way: comparison.number(way) for way in Way}
    said = [f"{number} {_COUNTED[way]}" for way, number in numbers.items() if number]
    said = [f"of the rows, {', '.join(said)}"] if said else []
    unable = [each.name for each in comparison.vanished if each.reason]
    said += [f"could not be run: {', '.join(unable)}"] if unable else []
    broken_off = sum(len(pair.not_run) for pair in comparison.pairs)
    said += [f"the new run was broken off before {rows(broken_off)}"] if broken_off else []
    if comparison.worse:
        return f"Worse: {'; '.join(said)}"
    if said:
        return f"Nothing is worse; {'; '.join(said)}"
    return "Nothing is worse; what was asked differs" if comparison.changed else "Nothing has changed"


def counts(pair: Pair) -> str:
    """Return in a line how the rows of a pair compare."""
    numbers = Counter(change.way for change in pair.changes)
    said = [
        f"{rows(pair.same)} as before",
        *(f"{numbers[way]} {_COUNTED[way]}" for way in Way if numbers[way]),
        *([f"{pair.unseen} seen in neither"] if pair.unseen else []),
        *([f"{len(pair.gone)} not asked any more"] if pair.gone else []),
        *([f"{len(pair.added)} not asked before"] if pair.added else []),
        *([f"{len(pair.not_run)} not run, where the new run was broken off"] if pair.not_run else []),
        *([f"{len(pair.not_run_before)} not run before, where the old run was broken off"] if pair.not_run_before else []),
    ]
    return ", ".join(said)


def overview(comparison: Comparison) -> list[str]:
    """Return in lines how the rows of the pairs compare, those of which the same is true together."""
    found: dict[str, list[str]] = {}
    for pair in comparison.pairs:
        found.setdefault(counts(pair), []).append(label(pair))
    return list(found) if len(comparison.pairs) == 1 else [f"{', '.join(names)}: {text}" for text, names in found.items()]


def label(pair: Pair) -> str:
    """Return what a pair is called."""
    return pair.new.name if pair.old.name == pair.new.name else f"{pair.old.name} -> {pair.new.name}"


def title(comparison: Comparison) -> str:
    """Return in a line what was compared."""
    pairs = comparison.pairs
    return f"sslspec: {label(pairs[0])}" if len(pairs) == 1 else f"sslspec: {len(pairs)} implementations compared"


def sides(comparison: Comparison) -> list[tuple[str, str]]:
    """Return what was compared, as labels and texts: of one pair the libraries, of several the runs."""
    records = (("old", comparison.old), ("new", comparison.new))
    if len(comparison.pairs) == 1:
        pair = comparison.pairs[0]
        return [(which, f"{each.name}: {each.version}") for which, each in (("old", pair.old), ("new", pair.new))]
    return [(which, f"{record.started}, sslspec {record.tool}, {len(record.implementations)} implementations") for which, record in records]


def notes(comparison: Comparison) -> list[str]:
    """Return what a reader has to know before he believes a difference."""
    old, new = comparison.old, comparison.new
    said = []
    if old.tool != new.tool:
        said.append(f"The records were made by sslspec {old.tool} and {new.tool}: a difference may be the suite's own.")
    said += [f"{which}: {partial(record)}" for which, record in (("old", old), ("new", new)) if record.partial]
    held: dict[tuple[str, str], list[str]] = {}
    for pair in comparison.pairs:
        held.setdefault((old.held_to(pair.old.name), new.held_to(pair.new.name)), []).append(label(pair))
    said += [f"Held to {was} before and to {now} now: {', '.join(whom)}." for (was, now), whom in held.items() if was != now]
    same = [pair for pair in comparison.pairs if pair.old.files and _hashes(pair.old) == _hashes(pair.new) and pair.changes]
    said += [f"{label(pair)}: the very same files, so the difference is not the library's." for pair in same]
    return said


def _hashes(identity: Identity) -> list[str]:
    return sorted(file.sha256 for file in identity.files)


def moves(comparison: Comparison) -> list[tuple[str, str]]:
    """Return what appeared and what vanished, as labels and texts."""
    unable = [(f"{each.name} could not be run", each.reason) for each in comparison.vanished if each.reason]
    vanished = [each.name for each in comparison.vanished if not each.reason]
    said = {
        "only in the old record": ", ".join(vanished),
        "only in the new record": ", ".join(comparison.appeared),
        "clauses that are gone": _some(comparison.clauses_gone),
        "new clauses": _some(comparison.clauses_added),
        "rows not asked any more": _by_clause(row for pair in comparison.pairs for row in pair.gone),
        "rows not asked before": _by_clause(row for pair in comparison.pairs for row in pair.added),
        "rows not run": _by_clause(row for pair in comparison.pairs for row in pair.not_run),
        "rows not run before": _by_clause(row for pair in comparison.pairs for row in pair.not_run_before),
    }
    return [*unable, *((what, text) for what, text in said.items() if text)]


def _by_clause(found: Iterable[Row]) -> str:
    numbers = Counter(row.clauses[0] for row in found)
    return _some([f"{id_.partition('/')[2]} ({number})" for id_, number in numbers.items()])


def _some(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _FEW else f"{', '.join(names[:_FEW])} and {len(names) - _FEW} more"


def who(group: Group) -> str:
    """Return in whose rows a group's change is."""
    return ", ".join(name if number == 1 else f"{name} ({rows(number)})" for name, number in group.where.items())


def details(group: Group) -> list[tuple[str, str]]:
    """Return what a group says, as labels and texts."""
    first, *more = group.titles
    row = f"{first} (and {len(more)} more)" if more else first
    known = [("known", ", ".join(group.known))] if group.known else []
    return [("was", said(group.was)), ("now", said(group.now)), ("row", row), *known]


def about(group: Group) -> list[tuple[str, str]]:
    """Return what is said of a group's clause, as labels and texts."""
    return statement(group.clauses[0])


def said(outcome: Outcome) -> str:
    """Return an outcome in a line."""
    halves = [f"expected: {outcome.expected}"] if outcome.expected else []
    halves += [f"observed: {outcome.observed}" if halves else outcome.observed] if outcome.observed else []
    halves += [outcome.answer] if outcome.answer else []
    return ": ".join([outcome.verdict.value, *(["; ".join(halves)] if halves else [])])

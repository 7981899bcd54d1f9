"""What several formats say in the same words: verdicts in short, findings, answers, and what could not be seen.

Nothing here knows how a format looks. Texts are as they stand in the record; `plain` is for whoever shows them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.clauses import EDITIONS, OWN, Kind
from sslspec.known import Change
from sslspec.verdicts import FAILED, RAN, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sslspec.clauses import Clause
    from sslspec.expectations import KnownDeviation
    from sslspec.record import ClauseResult, Record, Results, Row

#: A verdict in a table's cell. What a reader must not miss is in capitals: a table is also read without colour.
SHORT = {
    Verdict.CONFORMS: "ok",
    Verdict.ANSWERED: "answered",
    Verdict.DEVIATES: "DEVIATES",
    Verdict.CRASHES: "CRASHES",
    Verdict.HANGS: "HANGS",
    Verdict.NOT_IMPLEMENTED: "no function",
    Verdict.NOT_OBSERVABLE: "not seen",
    Verdict.NOT_APPLICABLE: "n/a",
    Verdict.DISABLED: "disabled",
    Verdict.ERROR: "ERROR",
}

#: The same where all that is held against the implementation is known: what a reader may pass over is not in capitals.
KNOWN = {verdict: verdict.value for verdict in (Verdict.DEVIATES, Verdict.CRASHES, Verdict.HANGS)}

#: Stands behind a verdict where something is no longer as known, or an answer is another one.
CHANGED = "!"

#: What a clause's kind has to be told a reader beside a finding; a rule needs no word.
_ON_KIND = {
    Kind.OBLIGATION: "the page tells the caller, not the library: nothing to deviate from",
    Kind.QUESTION: "the page is silent: nothing is right or wrong, but this is no answer",
}

#: The legend of a table with the cells of `cell`.
LEGEND = (
    "ok 6/8: it conforms in the 6 of 8 rows that could be seen",
    "n/a, disabled: not asked, - not run; the reasons are below",
)

#: What is added to it for a run that was compared with what was known.
LEGEND_COMPARED = (
    "deviates, crashes, hangs: known; in capitals: new",
    f"{CHANGED}: no longer as known, or another answer than before",
)

_UNSEEN = (Verdict.NOT_IMPLEMENTED, Verdict.NOT_OBSERVABLE, Verdict.NOT_APPLICABLE, Verdict.DISABLED)


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which implementations do otherwise than a clause says.

    expected: "" where nothing but coming back was expected. rows: all that show it, those of one implementation together.
    known: the entry that describes it; None for what is new.
    """

    clause: Clause
    verdict: Verdict
    expected: str
    observed: str
    rows: tuple[Row, ...]
    known: KnownDeviation | None = None

    @property
    def where(self) -> Counter[str]:
        """Return the implementations, in the order of the run, and in how many rows each shows it."""
        return Counter(row.implementation for row in self.rows)

    @property
    def titles(self) -> tuple[str, ...]:
        """Return the titles of the rows, each once."""
        return tuple(dict.fromkeys(row.title for row in self.rows))


@dataclass(frozen=True, slots=True)
class Changed:
    """One way in which an implementation is no longer as known, or answers otherwise than before.

    file: what has to be changed if that is right. titles: of the rows, none where no single row is meant.
    """

    clause: Clause
    change: Change
    implementation: str
    file: str
    expected: str
    observed: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered to one scenario of a question: each answer, and in words who gives it."""

    clause: Clause
    scenario: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Why rows ran to no verdict: the capability or function that is missing, and in how many rows of whom."""

    verdict: Verdict
    reason: str
    where: Counter[str]


def plain(text: str) -> str:
    """Return `text` in one line in which nothing acts: white space is a space, what cannot be printed an escape."""
    line = " ".join(text.split())
    # Nearly all texts are, and a report has a hundred thousand of them.
    return line if line.isprintable() else "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def short_name(clause: Clause) -> str:
    """Return the clause's name without its page."""
    return clause.id.partition("/")[2]


def cell(clause: Clause, result: ClauseResult) -> str:
    """Return what a table says of a clause and an implementation, at most 16 characters; "-" where nothing was run."""
    verdict = verdict_on(clause, result)
    if verdict is None:
        return "-"
    word = KNOWN[verdict] if result.known and verdict in KNOWN else SHORT[verdict]
    parts = [word, *([f"{result.seen}/{result.counting}"] if in_part(result) else []), *([CHANGED] if result.changed else [])]
    return " ".join(parts)


def legend(record: Record) -> tuple[str, ...]:
    """Return what has to be explained of the cells of a table."""
    return (*LEGEND, *LEGEND_COMPARED) if record.compared.folder else LEGEND


def verdict_on(clause: Clause, result: ClauseResult) -> Verdict | None:
    """Return the verdict of a clause; a row that checks a rule and answers a question conforms to the rule alone."""
    answered = clause.kind is Kind.QUESTION and result.verdict is Verdict.CONFORMS
    return Verdict.ANSWERED if answered else result.verdict


def held_to(edition: str) -> str:
    """Return in words what the implementations are held to in what is shown for `edition`."""
    return "the documentation of their own" if edition == OWN else edition


def heads(record: Record, name: str, edition: str) -> list[str]:
    """Return what stands above an implementation's column: its name and, where each is held to its own, its edition.

    Of one that a partial record has not all of, also how much it has.
    """
    held = [record.held_to(name)] if edition == OWN else []
    return [name, *held, *([_part(record, name)] if name in record.incomplete() else [])]


def partial(record: Record) -> str:
    """Return in a sentence what a partial record lacks, "" for a whole one."""
    if record.partial is None:
        return ""
    all_rows = record.partial.rows * len(record.implementations)
    lacking = ", ".join(f"{name} ({_part(record, name)})" for name in record.incomplete())
    cut = record.partial.dropped
    dropped = f"; {'a line that was' if cut == 1 else f'{cut} lines that were'} cut off, and what it said is not in it" if cut else ""
    return f"Partial: the run was broken off, and this has {len(record.rows)} of {rows(all_rows)}. Not finished: {lacking}{dropped}."


def _part(record: Record, name: str) -> str:
    assert record.partial  # noqa: S101  # only what is partial has an incomplete implementation
    return f"{record.incomplete()[name]} of {rows(record.partial.rows)}"


def _of_edition(record: Record, edition: str) -> list[Clause]:
    """Return the clauses of `edition` or, for OWN, of every edition that an implementation was held to."""
    editions = {record.held_to(name) for name in record.names()} if edition == OWN else {edition}
    return [clause for clause in record.clauses if not editions.isdisjoint(clause.stated)]


def shown_clauses(results: Results, edition: str) -> list[Clause]:
    """Return the clauses of `edition` that a row or a call of the run was about, in the order of the pages."""
    record = results.record
    return [
        clause for clause in _of_edition(record, edition) if any(results.of(name, clause.id).verdict is not None for name in record.names())
    ]


def left_out(results: Results, edition: str) -> list[str]:
    """Return, in words, which clauses of `edition` a table of `shown_clauses` leaves out, and why."""
    shown = shown_clauses(results, edition)
    others = [clause for clause in _of_edition(results.record, edition) if clause not in shown]
    obligations = [short_name(clause) for clause in others if clause.kind is Kind.OBLIGATION]
    rest = [short_name(clause) for clause in others if clause.kind is not Kind.OBLIGATION]
    said = [f"Tells the caller, so there is nothing to check: {', '.join(obligations)}."] if obligations else []
    return said + ([f"Not part of this run: {_some(rest)}."] if rest else [])


def totals(results: Results, implementation: str, edition: str) -> dict[str, int]:
    """Return numbers of clauses: those checked, by verdict and how many of them in part, then those not checked, by why."""
    of_clause = {clause.id: results.of(implementation, clause.id) for clause in shown_clauses(results, edition)}
    clauses = (clause for clause in results.record.clauses if clause.id in of_clause)
    numbers = Counter(verdict_on(clause, of_clause[clause.id]) for clause in clauses)
    return {
        "checked": sum(numbers[verdict] for verdict in RAN),
        "conforms": numbers[Verdict.CONFORMS],
        "answered": numbers[Verdict.ANSWERED],
        **{verdict.value: numbers[verdict] for verdict in (Verdict.DEVIATES, Verdict.CRASHES, Verdict.HANGS)},
        "known": sum(result.known and result.verdict in FAILED for result in of_clause.values()),
        "seen only in part": sum(map(in_part, of_clause.values())),
        "not checked": sum(numbers[verdict] for verdict in (*_UNSEEN, None)),
        **{SHORT[verdict]: numbers[verdict] for verdict in _UNSEEN},
        "not run": numbers[None],
        "error of the suite": numbers[Verdict.ERROR],
    }


#: Above the editions, each with the rules and readings that are kept of those that were checked.
KEPT = "kept, by edition"


def kept_by_edition(results: Results, names: Sequence[str]) -> dict[str, list[str]]:
    """Return edition -> how much of it each of the implementations keeps."""
    return {edition: [kept(results, name, edition) for name in names] for edition in EDITIONS}


def kept(results: Results, implementation: str, edition: str) -> str:
    """Return how many rules and readings of `edition` an implementation keeps, of those that could be checked: "33/35"; "." for none.

    Where each was held to its own, "." as well for an edition of which it was not asked everything: the number would be of a part
    that it chose itself.
    """
    record = results.record
    clauses = [clause for clause in record.clauses if edition in clause.stated and clause.kind in (Kind.RULE, Kind.READING)]
    if record.edition == OWN and any(record.held_to(implementation) not in clause.stated for clause in clauses):
        return "."
    verdicts = Counter(results.of(implementation, clause.id).verdict for clause in clauses)
    checked = verdicts[Verdict.CONFORMS] + sum(verdicts[verdict] for verdict in FAILED)
    return f"{verdicts[Verdict.CONFORMS]}/{checked}" if checked else "."


def findings(record: Record, edition: str) -> list[Finding]:
    """Return every way in which an implementation does otherwise than `edition` says, in the order of the clauses."""
    entry_of = known_failures(record)
    groups: dict[tuple[str, Verdict, str, str, KnownDeviation | None], list[Row]] = {}
    for row in record.rows:
        for clause, verdict, expected, observed in failures(row):
            entry = entry_of.get((row.implementation, row.key, clause))
            groups.setdefault((clause, verdict, expected, observed, entry), []).append(row)
    clauses = {clause.id: clause for clause in _of_edition(record, edition)}
    rank = {id_: position for position, id_ in enumerate(clauses)}
    found = [Finding(clauses[key[0]], *key[1:4], tuple(rows), key[4]) for key, rows in groups.items() if key[0] in clauses]
    return sorted(found, key=lambda finding: rank[finding.clause.id])


def known_failures(record: Record) -> dict[tuple[str, str, str], KnownDeviation]:
    """Return implementation, row (its key) and clause -> the entry that describes what the row holds against the implementation."""
    entries = {entry.name: entry for entry in record.compared.entries}
    unexpected = {(each.implementation, each.row, each.clause) for each in record.compared.unexpected}
    found: dict[tuple[str, str, str], KnownDeviation] = {}
    for row in record.rows:
        for entry in (entries[name] for name in row.known):
            for clause in (entry.clause, *(row.clauses if entry.clause in row.clauses else ())):
                found.setdefault((row.implementation, row.key, clause), entry)
    return {cell: entry for cell, entry in found.items() if cell not in unexpected}


def new(found: Iterable[Finding]) -> list[Finding]:
    """Return those of `found` that nobody has entered."""
    return [finding for finding in found if finding.known is None]


def known(found: Iterable[Finding]) -> list[tuple[KnownDeviation, list[Finding]]]:
    """Return the known ones by their entries."""
    groups: dict[KnownDeviation, list[Finding]] = {}
    for finding in found:
        if finding.known:
            groups.setdefault(finding.known, []).append(finding)
    return list(groups.items())


def changed(record: Record) -> list[Changed]:
    """Return what is no longer as known and which answers are others, rows that say the same together."""
    groups: dict[tuple[str, Change, str, str, str, str], list[str]] = {}
    for each in record.compared.unexpected:
        if each.change is not Change.NEW:
            file = f"{record.compared.folder}/{each.entry}"
            key = (each.clause, each.change, each.implementation, file, each.expected, each.observed)
            groups.setdefault(key, []).append(each.row.partition("::")[2])
    clauses = {clause.id: clause for clause in record.clauses}
    return [Changed(clauses[key[0]], *key[1:], tuple(filter(None, titles))) for key, titles in groups.items()]


def headline(found: Sequence[Finding], record: Record | None = None) -> str:
    """Return in a line how many findings there are, and what the pages say there: a rule, a reading, nothing.

    record: of a run that was compared with what was known, for what else a reader has to look at.
    """
    compared = bool(record and record.compared.folder)
    fresh = new(found)
    kinds = Counter(finding.clause.kind for finding in fresh)
    adjective = "new " if compared else ""
    number = f"1 {adjective}finding" if len(fresh) == 1 else f"{len(fresh)} {adjective}findings"
    said = f"{number}: " + ", ".join(f"{kinds[kind]} on a {kind}" for kind in Kind if kinds[kind])
    parts = [said if fresh else f"No {adjective}deviation, crash or hang"]
    changes = Counter(each.change for each in changed(record)) if record else {}
    parts += [f"{number} {change}" for change, number in changes.items()]
    parts += [f"{len(known(found))} known"] if known(found) else []
    return "; ".join(["PARTIAL", *parts] if record and record.partial else parts)


def explained(entry: KnownDeviation) -> list[tuple[str, str]]:
    """Return what is known of a deviation, as labels and texts."""
    said = [("whose", str(entry.whose)), ("why", entry.why), ("since", entry.since), ("link", entry.link), ("releases", entry.versions)]
    return [(label, text) for label, text in said if text]


def not_seen(record: Record) -> list[tuple[str, str]]:
    """Return in a line how many rows of known deviations could not be seen, and then which entries' and where; nothing for none."""
    missed = record.compared.not_seen
    number = sum(len(each.rows) for each in missed)
    lines = [(str(len(each.rows)), f"{each.entry} ({each.implementation})") for each in missed]
    return [(f"{rows(number)} of known deviations could not be seen", ""), *lines] if missed else []


def not_compared(record: Record) -> str:
    """Return how many answers there was nothing to compare with, "" for none."""
    counts = record.compared.not_compared
    number = sum(counts.values())
    who = ", ".join(f"{name} ({count})" for name, count in counts.items())
    return f"{number} answers were not compared, because none was kept: {who}" if number else ""


def failures(row: Row) -> list[tuple[str, Verdict, str, str]]:
    """Return what a row holds against its implementation: clause, verdict, expected and observed of each."""
    found = [(clause, row.verdict, row.expected, row.observed or row.reason) for clause in row.clauses if row.verdict in FAILED]
    broken = [invariant for invariant in row.invariants if invariant.broken]
    return found + [(invariant.clause, Verdict.DEVIATES, *_halves(invariant.broken)) for invariant in broken]


def statement(clause: Clause, *, of_finding: bool = True) -> list[tuple[str, str]]:
    """Return what a clause says, as labels and texts; of a finding also what may be held against a library for it."""
    said = [(clause.kind.value, clause.says)]
    if clause.kind is Kind.READING:
        said += [("taken here", clause.takes), *(("other reading", other) for other in clause.others)]
    if of_finding and clause.kind in _ON_KIND:
        said += [("so", _ON_KIND[clause.kind])]
    return said


def details(finding: Finding) -> list[tuple[str, str]]:
    """Return what a finding says of the implementations, as labels and texts."""
    expected = [("expected", finding.expected)] if finding.expected else []
    return [*expected, ("observed", finding.observed), ("row", _first_of(finding.titles))]


def changed_details(each: Changed) -> list[tuple[str, str]]:
    """Return what is said of something that is no longer as known, as labels and texts."""
    row = [("row", _first_of(each.titles))] if each.titles else []
    return [("known", each.expected), ("observed", each.observed), *row, ("change", each.file)]


def by_whom(finding: Finding) -> str:
    """Return the implementations, each with the number of its rows where several show it."""
    return ", ".join(name if number == 1 else f"{name} ({rows(number)})" for name, number in finding.where.items())


def answers(record: Record, edition: str) -> list[Answers]:
    """Return what was answered to the questions of `edition`, scenario by scenario; equal answers stand together."""
    asked = [clause for clause in _of_edition(record, edition) if clause.kind is Kind.QUESTION]
    found = []
    for clause in asked:
        scenarios: dict[str, list[Row]] = {}
        for row in record.rows:
            if row.answer and clause.id in row.clauses:
                scenarios.setdefault(row.scenario, []).append(row)
        found += [Answers(clause, scenario, _grouped(rows)) for scenario, rows in scenarios.items()]
    return found


def unseen(record: Record) -> list[Unseen]:
    """Return why rows ran to no verdict, by kind of verdict, the most frequent reason first."""
    capabilities = {proof.capability for identity in record.implementations for proof in identity.proofs}
    groups: dict[tuple[Verdict, str, str], tuple[str, Counter[str]]] = {}
    for row in record.rows:
        if row.verdict not in _UNSEEN:
            continue
        capability, colon, _ = row.reason.partition(": ")
        # What follows a capability names the row's own objects: one group for all of them, with the first row's words.
        known = colon and capability in capabilities
        key = (row.verdict, row.implementation, capability) if known else (row.verdict, "", row.reason)
        groups.setdefault(key, (row.reason, Counter()))[1][row.implementation] += 1
    merged: dict[tuple[Verdict, str], Counter[str]] = {}
    for (verdict, _, _), (reason, where) in groups.items():
        merged.setdefault((verdict, reason), Counter()).update(where)
    found = [Unseen(verdict, reason or "no reason was given", where) for (verdict, reason), where in merged.items()]
    return sorted(found, key=lambda group: (_UNSEEN.index(group.verdict), -group.where.total()))


def errors(record: Record) -> list[Row]:
    """Return the rows in which the suite itself failed."""
    return [row for row in record.rows if row.verdict is Verdict.ERROR]


def rows(number: int) -> str:
    """Return a number of rows in words."""
    return f"{number} row" if number == 1 else f"{number} rows"


def by_page(clauses: Iterable[Clause]) -> dict[str, list[Clause]]:
    """Return the clauses by their page, both in the order they came in."""
    pages: dict[str, list[Clause]] = {}
    for clause in clauses:
        pages.setdefault(clause.page, []).append(clause)
    return pages


def in_part(result: ClauseResult) -> bool:
    """Return whether a clause conforms, or was answered, in some of the rows that count and the others could not be seen."""
    return 0 < result.seen < result.counting and result.verdict in (Verdict.CONFORMS, Verdict.ANSWERED)


def _first_of(titles: Sequence[str]) -> str:
    first, *more = titles
    return f"{first} (and {len(more)} more)" if more else first


def _some(names: Sequence[str]) -> str:
    few = 6
    return ", ".join(names) if len(names) <= few else f"{', '.join(names[: few - 1])} and {len(names) - few + 1} more clauses"


def _halves(broken: str) -> tuple[str, str]:
    """Return what was expected and what observed of an invariant, which a row keeps in one text."""
    expected, separator, observed = broken.removeprefix("expected: ").partition("; observed: ")
    return (expected, observed) if separator else ("", broken)


def _grouped(rows: list[Row]) -> tuple[tuple[str, str], ...]:
    asked = Counter(row.implementation for row in rows)
    given: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        example = ", ".join(value for _, value in row.example)
        given.setdefault(row.answer, {}).setdefault(row.implementation, []).append(example)
    return tuple((answer, _who(by, asked)) for answer, by in given.items())


def _who(by: dict[str, list[str]], asked: Counter[str]) -> str:
    """Return who gives an answer, with the examples in which those give it who give another in the rest."""
    few = 3
    always = [name for name, examples in by.items() if len(examples) == asked[name]]
    if len(always) == len(asked) > few:
        return f"all {len(asked)}"
    sometimes: dict[tuple[str, ...], list[str]] = {}
    for name, examples in by.items():
        if name not in always:
            sometimes.setdefault(tuple(examples), []).append(name)
    parts = [", ".join(always)] if always else []
    return "; ".join(parts + [f"{', '.join(names)} [{'] ['.join(examples)}]" for examples, names in sometimes.items()])

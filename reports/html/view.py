"""What the page shows, as values: findings by whose they are, the matrix by page and section, clauses, questions, implementations.

Nothing here knows a tag; the templates show these values, and Jinja escapes them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from sslspec.clauses import EDITIONS
from sslspec.evidence import lines
from sslspec.expectations import Whose
from sslspec.record import Results
from sslspec.releases import comparable, release_of
from sslspec.reports import words
from sslspec.reports.editions import sentences
from sslspec.reports.html.since import Change, changes
from sslspec.verdicts import RAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sslspec.clauses import Clause
    from sslspec.record import Identity, Record, Row
    from sslspec.reports.editions import Sentences

    Families = tuple[tuple[str, tuple[Identity, ...]], ...]

#: Nothing that could be anything but the address of a page elsewhere.
_ADDRESS = re.compile(r"https://[\w.~/?#=&%+:-]+", re.ASCII)

#: The sections of a man page, in its order.
_SECTIONS = ("NAME", "SYNOPSIS", "DESCRIPTION", "NOTES", "RETURN VALUES", "BUGS")

#: Under which heading known deviations stand, the first of them first.
_WHOSE = {
    Whose.LIBRARY: "Known: the library would have to change",
    Whose.PAGE: "Known: the page would have to change",
    Whose.BY_DESIGN: "Known: by design of the library",
    Whose.UNDECIDED: "Known: undecided whose it is",
}

#: The value of a scenario's outline that says with which variant of the protocol it is run.
PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True)
class Cell:
    """What the matrix says of a clause and an implementation.

    text: in the words of all reports. mark: which shape and colour it has: a verdict, or "none". new: whether somebody has to look.
    """

    text: str
    mark: str
    new: bool

    @property
    def classes(self) -> str:
        """Return the cell's classes."""
        return f"{self.mark} new" if self.new else self.mark


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding, or several that one entry describes.

    title: who does what. parts: the ways in which they do otherwise, as labels and texts. said: what is known of it. evidence: the
    lines of the first row, whose key is `row`, of the implementation called `on`.
    """

    clause: Clause
    mark: str
    title: str
    who: tuple[str, ...]
    parts: tuple[tuple[tuple[str, str], ...], ...]
    said: tuple[tuple[str, str], ...]
    on: str
    evidence: tuple[str, ...]
    families: str
    protocols: str
    new: bool
    row: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Findings under one heading."""

    title: str
    shown: tuple[Shown, ...]
    new: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as it was run: its name, the lines of its outline, and the steps of the first of them."""

    name: str
    place: str
    examples: tuple[str, ...]
    steps: tuple[str, ...]
    control: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered to one scenario of a question: answer, in words who gives it, and of which families they are.

    since: family -> where its answer changes from release to release.
    """

    scenario: str
    answers: tuple[tuple[str, str, str], ...]
    since: tuple[tuple[str, tuple[Change, ...]], ...]


@dataclass(frozen=True, slots=True)
class ClauseView:
    """A clause, with what each implementation does about it: (cell, the implementations of which it is true).

    since: family -> where its verdict changes from release to release.
    """

    clause: Clause
    statement: tuple[tuple[str, str], ...]
    scenarios: tuple[Scenario, ...]
    verdicts: tuple[tuple[Cell, tuple[str, ...]], ...]
    since: tuple[tuple[str, tuple[Change, ...]], ...]
    known: tuple[tuple[tuple[str, str], ...], ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class ImplementationView:
    """An implementation: what it is, what could be seen of it, and what it keeps."""

    identity: Identity
    about: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    totals: tuple[tuple[str, int], ...]
    unseen: tuple[words.Unseen, ...]


@dataclass(frozen=True, slots=True)
class EditionsView:
    """The editions of one man page: what becomes of the sentences of each, and how many of them state each clause, by edition.

    names: the editions that have it. stated: a number for each of these, 0 for none.
    """

    page: str
    names: tuple[str, ...]
    sentences: tuple[Sentences, ...]
    stated: tuple[tuple[Clause, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Page:
    """All of the page.

    families: the columns. sections: page, section and clauses of the matrix. cells: clause and implementation -> cell.
    """

    record: Record
    headline: str
    groups: tuple[Group, ...]
    families: tuple[tuple[str, tuple[Identity, ...]], ...]
    sections: tuple[tuple[str, str, tuple[Clause, ...]], ...]
    cells: dict[tuple[str, str], Cell]
    clauses: tuple[ClauseView, ...]
    implementations: tuple[ImplementationView, ...]
    questions: tuple[tuple[Clause, tuple[Asked, ...]], ...]
    editions: tuple[EditionsView, ...]
    totals: tuple[tuple[str, tuple[int, ...]], ...]
    kept: dict[str, list[str]]
    notes: tuple[str, ...]
    not_seen: tuple[tuple[str, str], ...]
    choices: dict[str, tuple[str, ...]]

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Return the implementations in the order of the columns."""
        return tuple(identity for _, identities in self.families for identity in identities)

    @property
    def checked(self) -> int:
        """Return how many rows ran to a verdict."""
        return sum(row.verdict in RAN for row in self.record.rows)

    @property
    def held_to(self) -> str:
        """Return in words what the implementations were held to."""
        return words.held_to(self.record.edition)

    def above(self, identity: Identity) -> str:
        """Return what stands above an implementation's column."""
        return ", ".join(words.heads(self.record, identity.name, self.record.edition))

    def errors(self) -> list[Row]:
        """Return the rows in which the suite itself failed."""
        return words.errors(self.record)


def page(record: Record) -> Page:
    """Return what the page shows of a record, held to the record's edition."""
    results, edition = Results(record), record.edition
    found = words.findings(record, edition)
    families = columns(record)
    names = [identity.name for _, identities in families for identity in identities]
    answered = {clause: tuple(_asked(record, families, group)) for clause, group in _by_clause(words.answers(record, edition))}
    clauses, unseen = words.shown_clauses(results, edition), words.unseen(record)
    cells = {(clause.id, name): cell_of(results, clause, name) for clause in clauses for name in names}
    return Page(
        record=record,
        headline=words.headline(found, record),
        groups=tuple(_groups(record, found)),
        families=families,
        sections=tuple(_sections(clauses, edition)),
        cells=cells,
        clauses=tuple(_clause(results, clause, cells, families, answered.get(clause.id, ())) for clause in record.clauses),
        implementations=tuple(_implementation(results, identity, unseen) for _, group in families for identity in group),
        questions=tuple((clause, answered[clause.id]) for clause in record.clauses if clause.id in answered),
        editions=tuple(_editions(results)),
        totals=tuple(_totals(results, names)),
        kept=words.kept_by_edition(results, names),
        notes=(*words.legend(record), *words.left_out(results, edition), *filter(None, [words.not_compared(record)])),
        not_seen=tuple(words.not_seen(record)),
        choices=_choices(record, clauses, cells.values()),
    )


def columns(record: Record) -> tuple[tuple[str, tuple[Identity, ...]], ...]:
    """Return the implementations by family, in the order of the run, and in each by release; an unknown one comes last."""
    families: dict[str, list[Identity]] = {}
    for identity in record.implementations:
        families.setdefault(identity.family, []).append(identity)
    return tuple((family, tuple(sorted(group, key=_by_release))) for family, group in families.items())


def cell_of(results: Results, clause: Clause, name: str) -> Cell:
    """Return what the matrix says of a clause and the implementation called `name`."""
    result = results.of(name, clause.id)
    verdict = words.verdict_on(clause, result)
    text = words.cell(clause, result)
    loud = text.isupper() and verdict is not None and verdict.value in (*words.KNOWN, "error")
    return Cell(text, verdict.value if verdict else "none", loud or result.changed or text.endswith(words.CHANGED))


def protocols(rows: Iterable[Row]) -> list[str]:
    """Return the variants of the protocol that rows were run with, each once."""
    return list(dict.fromkeys(value for row in rows for key, value in row.example if key == PROTOCOL))


def address(*parts: str) -> str:
    """Return the part of the page's address that shows something: a view, and what of it."""
    return "#" + "/".join(quote(words.plain(part), safe="/") for part in parts)


def linked(text: str) -> bool:
    """Return whether a text is nothing but an address that may be a link."""
    return _ADDRESS.fullmatch(text) is not None


def shown_lines(row: Row) -> tuple[str, ...]:
    """Return a row's evidence as lines in which nothing acts, indented as they were."""
    return tuple(" " * (len(line) - len(line.lstrip(" "))) + words.plain(line) for line in lines(row.evidence))


def _by_release(identity: Identity) -> tuple[bool, object]:
    release = release_of(identity)
    return (not release, comparable(release or "0"))


def section_of(clause: Clause, edition: str) -> str:
    """Return the section that a clause is of in `edition` or, where that does not state it, in the latest that does."""
    places = clause.stated.get(edition) or next(filter(None, reversed(clause.stated.values())), ())
    return places[0].rpartition(" ")[0] if places else ""


def _sections(clauses: Sequence[Clause], edition: str) -> Iterable[tuple[str, str, tuple[Clause, ...]]]:
    for name, of_page in words.by_page(clauses).items():
        sections: dict[str, list[Clause]] = {}
        for clause in of_page:
            sections.setdefault(section_of(clause, edition), []).append(clause)
        for section in sorted(sections, key=lambda each: _SECTIONS.index(each) if each in _SECTIONS else len(_SECTIONS)):
            yield name, section, tuple(sections[section])


def _groups(record: Record, found: Sequence[words.Finding]) -> Iterable[Group]:
    families = {identity.name: identity.family for identity in record.implementations}
    fresh = [_new(finding, families) for finding in words.new(found)]
    changed = [_changed(each, families) for each in words.changed(record)]
    compared = bool(record.compared.folder)
    if fresh:
        yield Group("New: nobody has entered these" if compared else "Findings", tuple(fresh), new=True)
    if changed:
        yield Group("No longer as known", tuple(changed), new=True)
    known = words.known(found)
    for whose, title in _WHOSE.items():
        of_this = [(entry, findings) for entry, findings in known if entry.whose is whose]
        if of_this:
            yield Group(title, tuple(_known(words.explained(entry), findings, families) for entry, findings in of_this))


def _new(finding: words.Finding, families: dict[str, str]) -> Shown:
    return _finding([finding], [], families, new=True)


def _known(said: list[tuple[str, str]], findings: Sequence[words.Finding], families: dict[str, str]) -> Shown:
    return _finding(findings, said, families, new=False)


def _finding(findings: Sequence[words.Finding], said: list[tuple[str, str]], families: dict[str, str], *, new: bool) -> Shown:
    first = findings[0]
    rows = [row for finding in findings for row in finding.rows]
    who = tuple(dict.fromkeys(name for finding in findings for name in finding.where))
    parts = tuple((("by", words.by_whom(finding)), *words.details(finding)) for finding in findings)
    return Shown(
        clause=first.clause,
        mark=first.verdict.value,
        title=words.SHORT[first.verdict] if new else first.verdict.value,
        who=who,
        parts=parts,
        said=(*words.statement(first.clause), *said),
        on=first.rows[0].implementation,
        evidence=shown_lines(first.rows[0]),
        families=_joined(families[name] for name in who),
        protocols=_joined(protocols(rows)),
        new=new,
        row=first.rows[0].key,
    )


def _changed(each: words.Changed, families: dict[str, str]) -> Shown:
    return Shown(
        clause=each.clause,
        mark="changed",
        title=each.change.upper(),
        who=(each.implementation,),
        parts=(tuple(words.changed_details(each)),),
        said=tuple(words.statement(each.clause)),
        on="",
        evidence=(),
        families=families[each.implementation],
        protocols="",
        new=True,
    )


def _joined(names: Iterable[str]) -> str:
    """Return names as an attribute of an element; no name has a bar in it."""
    return "|".join(dict.fromkeys(names))


def _by_clause(found: Sequence[words.Answers]) -> Iterable[tuple[str, Iterable[words.Answers]]]:
    return groupby(found, lambda answers: answers.clause.id)


def _asked(record: Record, families: Families, found: Iterable[words.Answers]) -> Iterable[Asked]:
    family_of = {identity.name: family for family, group in families for identity in group}
    for each in found:
        rows = [row for row in record.rows if row.answer and row.scenario == each.scenario and each.clause.id in row.clauses]
        seen: dict[str, dict[str, str]] = {}
        given: dict[str, list[str]] = {}
        for row in rows:
            seen.setdefault(row.implementation, {})[row.key] = row.answer
            given.setdefault(row.answer, []).append(family_of[row.implementation])
        answers = tuple((answer, who, _joined(given[answer])) for answer, who in each.answers)
        yield Asked(each.scenario, answers, tuple(_since(families, seen)))


def _since(families: Families, seen: Mapping[str, Mapping[str, str]]) -> Iterable[tuple[str, tuple[Change, ...]]]:
    for family, identities in families:
        if found := changes(identities, seen):
            yield family, found


def _clause(
    results: Results, clause: Clause, cells: dict[tuple[str, str], Cell], families: Families, asked: tuple[Asked, ...]
) -> ClauseView:
    record = results.record
    verdicts: dict[Cell, list[str]] = {}
    seen: dict[str, dict[str, str]] = {}
    for name in (identity.name for _, group in families for identity in group):
        if (clause.id, name) in cells:
            verdicts.setdefault(cells[clause.id, name], []).append(name)
        verdict = words.verdict_on(clause, results.of(name, clause.id))
        if verdict in RAN:
            seen[name] = {clause.id: verdict.value}
    entries = [entry for entry in record.compared.entries if entry.clause == clause.id]
    return ClauseView(
        clause=clause,
        statement=tuple(words.statement(clause, of_finding=False)),
        scenarios=tuple(_scenarios([row for row in record.rows if clause.id in row.clauses])),
        verdicts=tuple((cell, tuple(who)) for cell, who in verdicts.items()),
        since=tuple(_since(families, seen)),
        known=tuple((("family", entry.family), ("verdict", entry.verdict.value), *words.explained(entry)) for entry in entries),
        asked=asked,
    )


def _scenarios(rows: Sequence[Row]) -> Iterable[Scenario]:
    groups: dict[tuple[str, int, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.feature, row.line, row.scenario), []).append(row)
    for (feature, line, name), group in groups.items():
        # A row that ended early has not come to all of its steps.
        steps = [
            tuple(words.plain(event.name) for event in row.evidence if event.kind == "step")
            for row in group
            if row.example == group[0].example
        ]
        examples = dict.fromkeys(", ".join(value for _, value in row.example) for row in group if row.example)
        yield Scenario(name, f"{feature}:{line}", tuple(examples), max(steps, key=len), group[0].control)


def _implementation(results: Results, identity: Identity, unseen: Sequence[words.Unseen]) -> ImplementationView:
    name, edition = identity.name, results.record.edition
    totals = words.totals(results, name, edition)
    return ImplementationView(
        identity=identity,
        about=tuple((label, text) for label, text in _about(identity, results.record.held_to(name)) if text),
        kept=tuple((each, words.kept(results, name, each)) for each in EDITIONS),
        totals=tuple((label, number) for label, number in totals.items() if number),
        unseen=tuple(each for each in unseen if name in each.where),
    )


def _about(identity: Identity, edition: str) -> Iterable[tuple[str, str]]:
    yield from (("family", identity.family), ("version", identity.version), ("release", release_of(identity)), ("source", identity.source))
    yield "held to", edition
    yield from (("file", f"{file.path} (SHA-256 {file.sha256})") for file in identity.files)


def _editions(results: Results) -> Iterable[EditionsView]:
    for name, group in groupby(sentences(results), lambda each: each.edition.page):
        of_page = tuple(group)
        editions = tuple(each.edition.edition for each in of_page)
        clauses = [clause for clause in results.record.clauses if clause.page == name]
        stated = tuple((clause, tuple(len(clause.stated.get(edition, ())) for edition in editions)) for clause in clauses)
        yield EditionsView(name, editions, of_page, stated)


def _totals(results: Results, names: Sequence[str]) -> Iterable[tuple[str, tuple[int, ...]]]:
    numbers = [words.totals(results, name, results.record.edition) for name in names]
    for label in numbers[0] if numbers else ():
        if any(column[label] for column in numbers):
            yield label, tuple(column[label] for column in numbers)


def _choices(record: Record, clauses: Sequence[Clause], cells: Iterable[Cell]) -> dict[str, tuple[str, ...]]:
    """Return what can be chosen of each filter."""
    marks = Counter(cell.mark for cell in cells)
    return {
        "page": tuple(words.by_page(clauses)),
        "family": tuple(family for family, _ in columns(record)),
        "verdict": tuple(verdict.value for verdict in words.SHORT if marks[verdict.value]),
        "kind": tuple(dict.fromkeys(clause.kind.value for clause in clauses)),
        "protocol": tuple(protocols(record.rows)),
    }

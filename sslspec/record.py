"""The record of a run, as a value: every report is made from it, and it is all that a run leaves behind.

How it is written as JSON is in `sslspec.reports.record_json`; what it says in numbers is at the end of this module.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sslspec.known import Change, Compared
from sslspec.verdicts import FAILED, Verdict, roll_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sslspec.clauses import Clause
    from sslspec.evidence import Event
    from sslspec.known import Unexpected


@dataclass(frozen=True, slots=True)
class File:
    """A file that was mapped while the library was driven."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a capability that the adapter claims could be seen on the library in hand.

    capability: a key of adapters.interface.CAPABILITIES. reason: what was seen, or why the claim was withdrawn.
    """

    capability: str
    proven: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Linking:
    """How a C program calls the functions of a library; what is not said here is called by its own name.

    libraries: what the program is linked with ("ssl", "crypto"). symbols: function -> what the library exports it as.
    macros: function -> the function that does it in its place, and the number of its command. missing: functions that the library
    has in no way. constants: constant -> its number, where families differ. ahead: how many bytes of an allocated block stand
    before a pointer to it.
    """

    libraries: tuple[str, ...]
    symbols: Mapping[str, str] = field(default_factory=dict, hash=False)
    macros: Mapping[str, tuple[str, int]] = field(default_factory=dict, hash=False)
    missing: tuple[str, ...] = ()
    constants: Mapping[str, int] = field(default_factory=dict, hash=False)
    ahead: int = 0

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Linking:
        """Return what `dataclasses.asdict` made JSON of; raises ValueError for a macro that is no function with a number."""
        macros = {name: (function, command) for name, (function, command) in data["macros"].items()}
        for name, (function, command) in macros.items():
            if not isinstance(function, str) or not isinstance(command, int):
                message = f"the macro {name} is no function with the number of a command"
                raise ValueError(message)  # noqa: TRY004  # of what was read, as every mistake in a record
        return cls(**{**data, "libraries": tuple(data["libraries"]), "macros": macros, "missing": tuple(data["missing"])})


@dataclass(frozen=True, slots=True)
class Identity:
    """What was driven.

    name: what the user calls it, only a label. version: the library's own words. files: with their hashes.
    release: what can be compared of the version ("1.1.1k", "0.20260512.0"), "" when it is unknown. source: where the library came
    from, in words. edition: the one that it was held to in this run, "" outside of one. linking: None where no C program can be
    linked with it.
    """

    name: str
    family: str
    version: str
    files: tuple[File, ...] = ()
    proofs: tuple[Proof, ...] = ()
    release: str = ""
    source: str = ""
    edition: str = ""
    linking: Linking | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Identity:
        """Return what `dataclasses.asdict` made JSON of."""
        files = tuple(File(**file) for file in data["files"])
        proofs = tuple(Proof(**proof) for proof in data["proofs"])
        linking = Linking.from_json(data["linking"]) if data.get("linking") else None
        return cls(**{**data, "files": files, "proofs": proofs, "linking": linking})

    def is_same(self, other: Identity) -> bool:
        """Return whether the same was driven, by whatever name, and wherever its files are."""
        ours, theirs = ((one.family, one.version, one.release, Counter(file.sha256 for file in one.files)) for one in (self, other))
        return ours == theirs


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a statement that did not hold wanted, as a program can check it: a number, and the limits it may be within.

    what: which number: "call" (what a call returned), "errors" (how many reasons it left on the error stack), "references",
    "entries", and with 1 for yes and 0 for no "destroyed", "resumable", "reused" and "handshake" (it succeeds).
    of: the object that was looked at; of "call" and "errors" the call as evidence has it, "" for the last.
    least, most: the limits, most None for none. gained: whether it is the difference to the number before the first When.
    """

    what: str
    of: str
    least: int
    most: int | None = None
    gained: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Wanted | None:
        """Return what `dataclasses.asdict` made JSON of, None for None."""
        return cls(**data) if data else None


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule that was checked on every call of a row, beside the row's own.

    clause: its id. calls: on how many calls. broken: "" or what was expected and observed on the first that broke it. wanted: the
    same for a program.
    """

    clause: str
    calls: int
    broken: str = ""
    wanted: Wanted | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Invariant:
        """Return what `dataclasses.asdict` made JSON of."""
        return cls(**{**data, "wanted": Wanted.from_json(data.get("wanted"))})


@dataclass(frozen=True, slots=True)
class Row:
    """A scenario, or one line of an outline, and what it says of one implementation.

    feature, line: where the scenario stands, the path relative to the features. example: the outline's line.
    reason: why the verdict is what it is, in a line; "" when it conforms. expected, observed: of a deviation. wanted: what is
    expected, for a program; None where that is not one number. answer: of a question.
    control: whether the scenario shows what happens without the cause that its clause is about; it
    never deviates: one that fails (expected and observed say how) is not-observable, and so is what it should have controlled.
    undefined: whether it is only run when asked for. known: the names of the known deviations that the row shows.
    """

    implementation: str
    feature: str
    line: int
    scenario: str
    example: tuple[tuple[str, str], ...]
    clauses: tuple[str, ...]
    verdict: Verdict
    reason: str = ""
    expected: str = ""
    observed: str = ""
    answer: str = ""
    invariants: tuple[Invariant, ...] = ()
    evidence: tuple[Event, ...] = ()
    seconds: float = 0.0
    control: bool = False
    known: tuple[str, ...] = ()
    undefined: bool = False
    wanted: Wanted | None = None

    @property
    def title(self) -> str:
        """Return the scenario's name with the values of its outline's line."""
        return title_of(self.scenario, self.example)

    @property
    def key(self) -> str:
        """Return what names the row in any run: feature, scenario and line of the outline, without the implementation."""
        return key_of(self.feature, self.title)


def title_of(scenario: str, example: Iterable[tuple[str, str]]) -> str:
    """Return what a row is called: its scenario's name with the values of its outline's line."""
    values = ", ".join(value for _, value in example)
    return f"{scenario} [{values}]" if values else scenario


def key_of(feature: str, title: str) -> str:
    """Return what names a row in any run, from its file (relative to the features) and its title."""
    return f"{feature}::{title}"


@dataclass(frozen=True, slots=True)
class EditionOfPage:
    """What an edition says on a page, in numbers, and how that differs from the edition it came from.

    format: what its document is written in. sentences: of the page itself, headings included. stating: how many of them state
    clauses. other: what the others are -> how many. holes: how many have lost a part. since: the edition it came from, "" for the
    first. differs: in which way -> the ids of clauses; what there is not is left out.
    """

    page: str
    edition: str
    format: str
    sentences: int
    stating: int
    other: Mapping[str, int] = field(default_factory=dict, hash=False)
    holes: int = 0
    since: str = ""
    differs: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class NotRun:
    """An implementation that was asked for and did not run, why, and what mends it."""

    implementation: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Partial:
    """That a run was broken off: the record has only what had been recorded by then.

    rows: how many were to be run on each implementation. dropped: how many lines were cut off where they were recorded.
    """

    rows: int
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """Everything one run found.

    started, finished: in UTC, ISO 8601. edition: the one the implementations were held to, or OWN. clauses: all of them, so that a
    report can be made where the features are not. compared: what was expected of the implementations, and was not so. editions:
    page by page. partial: None for a run that came to its end; of another, `finished` is when its last row was recorded.
    """

    tool: str
    started: str
    finished: str
    edition: str
    python: str
    platform: str
    implementations: tuple[Identity, ...]
    clauses: tuple[Clause, ...]
    rows: tuple[Row, ...]
    not_run: tuple[NotRun, ...] = ()
    compared: Compared = field(default_factory=Compared)
    editions: tuple[EditionOfPage, ...] = ()
    partial: Partial | None = None

    def names(self) -> tuple[str, ...]:
        """Return the implementations' names, in the order of the run."""
        return tuple(identity.name for identity in self.implementations)

    def held_to(self, implementation: str) -> str:
        """Return the edition that an implementation was held to."""
        editions = {identity.name: identity.edition for identity in self.implementations}
        return editions.get(implementation) or self.edition

    def incomplete(self) -> dict[str, int]:
        """Return implementation -> how many of its rows are in a partial record, of those that don't have all; none for a whole one."""
        if self.partial is None:
            return {}
        found = Counter(row.implementation for row in self.rows)
        return {name: found[name] for name in self.names() if found[name] < self.partial.rows}


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """A clause over its rows, for one implementation.

    verdict: None when no row is about it. seen, counting: how many rows ran to a verdict, of how many that count.
    rows: all of them. answers: to a question, without repetition. invariant_calls: on how many calls it was checked beside.
    known: whether all that is held against the implementation here is known. changed: whether something is no longer as known,
    or an answer another one.
    """

    verdict: Verdict | None
    seen: int = 0
    counting: int = 0
    rows: tuple[Row, ...] = ()
    answers: tuple[str, ...] = ()
    invariant_calls: int = 0
    known: bool = False
    changed: bool = False


@dataclass(frozen=True)
class Results:
    """The clauses of a record, rolled up once for all reports."""

    record: Record
    _table: dict[tuple[str, str], ClauseResult] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_cell: dict[tuple[str, str], list[Row]] = {}
        broken: dict[tuple[str, str], list[Row]] = {}
        calls: Counter[tuple[str, str]] = Counter()
        for row in self.record.rows:
            for clause in row.clauses:
                by_cell.setdefault((row.implementation, clause), []).append(row)
            for invariant in row.invariants:
                calls[row.implementation, invariant.clause] += invariant.calls
                if invariant.broken:
                    broken.setdefault((row.implementation, invariant.clause), []).append(row)
        unexpected: dict[tuple[str, str], list[Unexpected]] = {}
        for each in self.record.compared.unexpected:
            unexpected.setdefault((each.implementation, each.clause), []).append(each)
        for cell in by_cell.keys() | broken.keys() | calls.keys():
            result = _result(by_cell.get(cell, []), broken.get(cell, []), calls[cell])
            self._table[cell] = self._compared(result, broken.get(cell, []), unexpected.get(cell, []))

    def _compared(self, result: ClauseResult, broken: Sequence[Row], unexpected: Sequence[Unexpected]) -> ClauseResult:
        failing = {row.key for row in result.rows if row.verdict in FAILED} | {row.key for row in broken}
        known = bool(failing and self.record.compared.folder) and not failing & {each.row for each in unexpected}
        return replace(result, known=known, changed=any(each.change is not Change.NEW for each in unexpected))

    def of(self, implementation: str, clause: str) -> ClauseResult:
        """Return what `implementation` is said to do about the clause with that id."""
        return self._table.get((implementation, clause), ClauseResult(None))

    def numbers(self, implementation: str, edition: str) -> Counter[Verdict]:
        """Return how many clauses of `edition` have which verdict; obligations have none and are not counted."""
        clauses = [clause for clause in self.record.clauses if edition in clause.stated]
        verdicts = (self.of(implementation, clause.id).verdict for clause in clauses)
        return Counter(verdict for verdict in verdicts if verdict is not None)


def _result(rows: list[Row], broken: Sequence[Row], calls: int) -> ClauseResult:
    absent = (Verdict.NOT_APPLICABLE, Verdict.DISABLED)
    unseen = (*absent, Verdict.NOT_IMPLEMENTED, Verdict.NOT_OBSERVABLE)
    return ClauseResult(
        verdict=roll_up(_weighed(rows, broken, calls)),
        seen=sum(row.verdict not in unseen for row in rows),
        counting=sum(row.verdict not in absent for row in rows),
        rows=(*rows, *(row for row in broken if not any(row is known for known in rows))),
        answers=tuple(dict.fromkeys(row.answer for row in rows if row.answer)),
        invariant_calls=calls,
    )


def _weighed(rows: list[Row], broken: Sequence[Row], calls: int) -> list[Verdict]:
    """Return the verdicts that a clause's is made from.

    Without its cause nothing happens on a library that does nothing at all either, so a control that conforms does not count,
    unless nothing but controls was run. One that failed makes all that conforms beside it worth nothing.
    """
    verdicts = [row.verdict for row in rows if not row.control or row.verdict in FAILED | {Verdict.ERROR}]
    verdicts = verdicts or [row.verdict for row in rows]
    if any(row.control and row.expected for row in rows):
        verdicts = [Verdict.NOT_OBSERVABLE if verdict is Verdict.CONFORMS else verdict for verdict in verdicts]
    verdicts += [Verdict.DEVIATES for _ in broken]
    return [*verdicts, Verdict.CONFORMS] if calls and not broken else verdicts

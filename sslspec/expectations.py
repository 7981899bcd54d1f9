"""What is expected of each family of libraries: deviations that are known, and answers to what the pages leave open.

Files of data, one for each family (`Identity.family`), below `features/` or a folder of the user's own:

    deviations/<family>.toml   what is known to be otherwise than a page says, why, and whose it is; written by hand and by `--accept`
    answers/<family>.toml      what was answered to which question, by which releases; written by `--accept`

What can be wrong with them, each a UsageError of one line that names the file and the entry:

    the folder, or a file of it, cannot be read, is no TOML, or is for the model (which is held to the page, always) or a
    misspelt family
    an entry lacks a key, has one that nothing knows, or a value of another kind
    it names a clause, a row, a verdict, a range of releases or a pattern that does not exist

What was found is held against them in `known`, and what `--accept` makes of them is in `accept`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sslspec.clauses import Kind, features_folder
from sslspec.errors import UsageError, unknown
from sslspec.releases import Range, release_of
from sslspec.verdicts import FAILED, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sslspec.clauses import Clause, Specification
    from sslspec.record import Identity

#: The folders of the files, and how an entry of known deviations is headed.
DEVIATIONS, ANSWERS, ENTRY = "deviations", "answers", "deviation"

#: The families that sslspec itself can drive, as `Identity.family` names them.
FAMILIES = ("aws-lc", "boringssl", "cpython", "libressl", "openssl", "pyopenssl", "rust-openssl", "tongsuo", "wolfssl")

#: Stands for "all releases" where a range is a key and cannot be left out.
ANY = "*"

_Member = TypeVar("_Member", bound=StrEnum)

_REQUIRED = ("clause", "verdict", "reason")
_TEXTS = (*_REQUIRED, "versions", "whose", "why", "since", "link")


class Whose(StrEnum):
    """Who would have to change something for a deviation to go away."""

    LIBRARY = "library"
    PAGE = "page"
    BY_DESIGN = "by design"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class KnownDeviation:
    """A deviation, crash or hang that is known, in all rows that show it.

    name: its file and its place there, "deviations/openssl.toml, entry 2". clause: an id. rows: their keys; none means any row
    that an invariant is checked in. versions: a range of releases, "" for all. reason: a regular expression for the whole reason
    of a row. why, since: in words. link: where to read on.
    """

    name: str
    family: str
    clause: str
    verdict: Verdict
    reason: str
    rows: tuple[str, ...] = ()
    versions: str = ""
    whose: Whose = Whose.UNDECIDED
    why: str = ""
    since: str = ""
    link: str = ""

    def fits(self, verdict: Verdict, reason: str) -> bool:
        """Return whether a row that ended so is what the entry describes."""
        return verdict is self.verdict and re.fullmatch(self.reason, one_line(reason)) is not None


@dataclass(frozen=True, slots=True)
class RowName:
    """A row as the features have it. key, title: as those of `record.Row`."""

    key: str
    title: str
    clauses: tuple[str, ...]


#: Clause and key of a row -> the answers of a family, each with the releases that give it.
Answers = dict[tuple[str, str], tuple[tuple[Range, str], ...]]


@dataclass(frozen=True)
class Expectations:
    """All files of a folder.

    label: the folder in words. specification, rows: what the files may name. answers: by family.
    """

    folder: Path
    label: str
    specification: Specification
    rows: tuple[RowName, ...] = ()
    deviations: tuple[KnownDeviation, ...] = ()
    answers: Mapping[str, Answers] = field(default_factory=dict)

    def about(self, identity: Identity) -> tuple[KnownDeviation, ...]:
        """Return what is known of the release that was driven."""
        release = release_of(identity)
        return tuple(entry for entry in self.deviations if entry.family == identity.family and release in Range(entry.versions))

    def answer(self, identity: Identity, clause: str, row: str) -> str | None:
        """Return the answer that the release gave before, None when none was kept. row: a key."""
        return answer_of(release_of(identity), self.answers.get(identity.family, {}).get((clause, row), ()))

    def rows_of(self, clause: str) -> list[RowName]:
        """Return the rows that may be named beside a clause: its own, and for an invariant, which may break anywhere, all."""
        return rows_of(self.specification.clauses[clause], self.rows)


def rows_of(clause: Clause, rows: Iterable[RowName]) -> list[RowName]:
    """Return those of `rows` that may be named beside a clause."""
    return [row for row in rows if clause.invariant or clause.id in row.clauses]


def answer_of(release: str, kept: Iterable[tuple[Range, str]]) -> str | None:
    """Return the answer that was kept for a release; what is kept for all releases counts where nothing nearer does."""
    found = {bool(range_.text): answer for range_, answer in kept if release in range_}
    return found.get(True, found.get(False))


def one_line(text: str) -> str:
    """Return `text` as it is compared and kept: in one line, what cannot be printed as a question mark."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))


def read_expectations(folder: Path | None, specification: Specification, rows: Iterable[RowName]) -> Expectations:
    """Return what the files below `folder` say, those of the suite itself without one; raises UsageError (see above).

    rows: all there are, for an entry must not name others.
    """
    every = tuple(rows)
    where = folder or features_folder()
    if folder and not any((folder / part).is_dir() for part in (DEVIATIONS, ANSWERS)):
        message = f"{folder} has neither {DEVIATIONS}/ nor {ANSWERS}/; `sslspec run --accept --expectations {folder}` makes them"
        raise UsageError(message)
    reader = _Reader(specification, every)
    deviations = [entry for path in _files(where / DEVIATIONS) for entry in reader.deviations(path)]
    answers = {path.stem: reader.answers(path) for path in _files(where / ANSWERS)}
    label = str(folder) if folder else "features"
    return Expectations(where, label, specification, every, tuple(deviations), answers)


def _files(folder: Path) -> list[Path]:
    paths = sorted(folder.glob("*.toml"))
    if folder / "model.toml" in paths:
        message = f"{folder / 'model.toml'}: the model is held to the page, always; remove the file"
        raise UsageError(message)
    for path in paths:
        # Other families have adapters of their own; a misspelt one would never be looked at.
        meant = [] if path.stem in FAMILIES else get_close_matches(path.stem.lower(), FAMILIES, n=1, cutoff=0.85)
        if meant:
            message = f"{path}: no family is called {path.stem!r}; did you mean {meant[0]}?"
            raise UsageError(message)
    return paths


def read_toml(path: Path) -> dict[str, Any]:
    """Return the TOML at `path`; raises UsageError when there is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"{path}: {reason}"
        raise UsageError(message) from error


class _Reader:
    """Makes values of the files, and refuses what names nothing."""

    def __init__(self, specification: Specification, rows: tuple[RowName, ...]) -> None:
        self._clauses = specification.clauses
        self._rows = rows

    def deviations(self, path: Path) -> list[KnownDeviation]:
        """Return the entries of a file of known deviations."""
        table = read_toml(path)
        entries = table.pop(ENTRY, [])
        if table or not isinstance(entries, list):
            message = f"{path}: {next(iter(table), ENTRY)!r} is out of place; every entry begins with [[{ENTRY}]]"
            raise UsageError(message)
        return [
            _explained(f"{path}: entry {number}", self._entry, path, f"{DEVIATIONS}/{path.name}, entry {number}", entry)
            for number, entry in enumerate(entries, 1)
        ]

    def answers(self, path: Path) -> Answers:
        """Return the answers of a file: a table for each clause, in it one for each row, in it range = answer."""
        return dict(
            _explained(f"{path}: {clause}: {title!r}", self._answers, clause, title, by_range)
            for clause, of_clause in read_toml(path).items()
            for title, by_range in _explained(f"{path}: {clause}", _table, of_clause).items()
        )

    def _entry(self, path: Path, name: str, entry: object) -> KnownDeviation:
        values = _table(entry)
        if missing := [key for key in _REQUIRED if not values.get(key)]:
            message = f"key {missing[0]!r} is missing"
            raise ValueError(message)
        for key in values:
            if key not in (*_TEXTS, "rows"):
                raise unknown("key", key, (*_TEXTS, "rows"), f"an entry may have {', '.join((*_TEXTS, 'rows'))}")
        texts = {key: _text(key, values[key]) for key in _TEXTS if key in values}
        clause = self._clause(texts["clause"])
        _pattern(texts["reason"])
        Range(texts.get("versions", ""))
        return KnownDeviation(
            name=name,
            family=path.stem,
            clause=clause.id,
            verdict=_one_of(Verdict, "verdict", texts["verdict"], FAILED),
            reason=texts["reason"],
            rows=self._named(clause, values.get("rows", [])),
            whose=_one_of(Whose, "owner", texts.get("whose") or Whose.UNDECIDED, Whose),
            **{key: texts.get(key, "") for key in ("versions", "why", "since", "link")},
        )

    def _clause(self, id_: str) -> Clause:
        if id_ not in self._clauses:
            raise unknown("clause", id_, self._clauses)
        return self._clauses[id_]

    def _named(self, clause: Clause, names: object) -> tuple[str, ...]:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            message = "rows must be a list of titles"
            raise TypeError(message)
        if not names and not clause.invariant:
            message = "rows is missing: only of a clause that is checked on every call it may be left out"
            raise ValueError(message)
        return tuple(self._key(clause, name) for name in names)

    def _answers(self, clause: str, title: str, by_range: object) -> tuple[tuple[str, str], tuple[tuple[Range, str], ...]]:
        if self._clause(clause).kind is not Kind.QUESTION:
            message = "the clause is no question"
            raise ValueError(message)
        key = self._key(self._clause(clause), title)
        ranges = {Range("" if text == ANY else text): _text(text, answer) for text, answer in _table(by_range).items()}
        return (clause, key), tuple(ranges.items())

    def _key(self, clause: Clause, name: str) -> str:
        rows = rows_of(clause, self._rows)
        found = [row for row in rows if name in (row.title, row.key)]
        if not found:
            raise unknown("row", name, [row.title for row in rows], f"`sslspec explain {clause.id}` names its scenarios")
        if len(found) > 1:
            message = f"several rows are called {name!r}; write {found[0].key!r}"
            raise ValueError(message)
        return found[0].key


def _explained(where: str, function: Callable[..., Any], *arguments: object) -> Any:  # what the function returns
    try:
        return function(*arguments)
    except (UsageError, TypeError, ValueError) as error:
        message = f"{where}: {error}"
        raise UsageError(message) from error


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        message = "a table was expected here"
        raise TypeError(message)
    return value


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        message = f"{key} must be a text"
        raise TypeError(message)
    return value


def _pattern(text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        message = f"reason is no regular expression: {error}"
        raise ValueError(message) from error


def _one_of(kind: type[_Member], called: str, name: str, allowed: Iterable[_Member]) -> _Member:
    values = [member.value for member in allowed]
    if name not in values:
        raise unknown(called, name, values)
    return kind(name)

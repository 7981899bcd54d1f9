"""The clauses: every rule, reading, obligation and question of the pages, read from the tables beside the features.

A table is `features/<page>/clauses.toml`. Nothing here knows what a scenario is; which scenarios check a clause is found
from their tags.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sslspec.errors import UsageError, unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

#: The editions, oldest first. Each states what one release says, over all pages of it that are at hand.
EDITIONS = (
    "openssl-2001",
    "openbsd-2016",
    "openssl-1.1.0",
    "openssl-1.1.1",
    "libressl-3.1.0",
    "openssl-3.0",
    "boringssl-2026",
    "aws-lc-5.12",
)

#: The edition that the project is about: what libraries are held to unless somebody asks for another.
DEFAULT_EDITION = "openssl-1.1.1"

#: What is said instead of an edition to hold each implementation to that of the documentation of its own (sslspec.own).
OWN = "own"

_KEYS = ("says", "kind", "stated", "functions", "takes", "others", "answered_by", "invariant", "note")


class Kind(StrEnum):
    """What a clause may hold against a library: see "How to read a verdict" in the README."""

    RULE = "rule"
    READING = "reading"
    OBLIGATION = "obligation"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule of a page.

    id: page and name, `SSL_set_session.3/reference-added`; never changes its meaning.
    says: the rule in one sentence of our own (for a question: the question).
    stated: edition -> sentences that state it, as "SECTION number"; for a question the sentences that leave it open.
    functions: the API functions the clause is about; an implementation without them has not implemented it.
    takes, others: of a reading, the reading the scenarios take and the other ones.
    answered_by: of a question, the ids of the clauses that answer it, of editions that do not leave it open.
    invariant: whether it is checked on every call of the run, beside its own scenarios.
    note: where it cannot hold for a protocol by the protocol's nature, and why.
    """

    id: str
    says: str
    kind: Kind
    stated: dict[str, tuple[str, ...]]
    functions: tuple[str, ...]
    takes: str = ""
    others: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()
    invariant: bool = False
    note: str = ""

    @property
    def page(self) -> str:
        """Return the page the clause is of, `SSL_set_session.3`."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Specification:
    """All clauses of all pages, in the order of the pages."""

    clauses: dict[str, Clause] = field(default_factory=dict)

    def clause(self, name: str) -> Clause:
        """Return the clause called `name`, its id or an unambiguous end of it; raises UsageError with the names that are meant."""
        matches = [id_ for id_ in self.clauses if name in (id_, id_.partition("/")[2])]
        if len(matches) > 1:
            raise UsageError(f"several clauses are called {name!r}: {', '.join(matches)}")
        if not matches:
            raise unknown("clause", name, self.clauses)
        return self.clauses[matches[0]]

    def answered_by(self, clause: Clause) -> list[Clause]:
        """Return the questions that `clause` answers, which other editions leave open."""
        return [question for question in self.clauses.values() if clause.id in question.answered_by]

    def of_edition(self, edition: str) -> list[Clause]:
        """Return the clauses that `edition` states (or leaves open), in the order of the pages."""
        return [clause for clause in self.clauses.values() if edition in clause.stated]


def check_edition(name: str) -> str:
    """Return `name` if it is an edition; raises UsageError with the closest name otherwise."""
    if name not in EDITIONS:
        raise unknown("edition", name, EDITIONS)
    return name


def check_edition_or_own(name: str) -> str:
    """Return `name` if it is an edition or OWN; raises UsageError with the closest name otherwise."""
    return name if name == OWN else check_edition(name)


def features_folder() -> Path:
    """Return the folder of the features, in the checkout or in the installed package."""
    spec = find_spec("sslspec.features")
    locations = list(spec.submodule_search_locations or ()) if spec else []
    if not locations:
        message = "the features are not installed; install sslspec again"
        raise UsageError(message)
    return Path(locations[0]).resolve()


@cache
def specification() -> Specification:
    """Return all clauses, read once; raises UsageError when a table is broken."""
    return read_specification(features_folder())


def read_specification(folder: Path) -> Specification:
    """Return the clauses of the tables below `folder`, pages in alphabetical order but SSL_set_session first.

    Raises UsageError, naming file and clause, for a table that is no TOML, an unknown key, kind or edition.
    """
    clauses: dict[str, Clause] = {}
    # SSL_set_session first: it is the page the specification began with, and the reader's way in.
    for path in sorted(folder.glob("*/clauses.toml"), key=lambda path: (path.parent.name != "SSL_set_session.3", path)):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = f"{path}: {error}"
            raise UsageError(message) from error
        for name, entry in table.items():
            clause = _clause(path, name, entry)
            clauses[clause.id] = clause
    return Specification(clauses)


def _clause(path: Path, name: str, entry: dict[str, Any]) -> Clause:
    try:
        check_known("key", entry, _KEYS)
        check_known("edition", entry["stated"], EDITIONS)
        _check_lists({key: entry.get(key, []) for key in ("functions", "others", "answered_by")} | dict(entry["stated"]))
        return Clause(
            id=f"{path.parent.name}/{name}",
            says=entry["says"],
            kind=Kind(entry["kind"]),
            stated={edition: tuple(where) for edition, where in entry["stated"].items()},
            functions=tuple(entry["functions"]),
            takes=entry.get("takes", ""),
            others=tuple(entry.get("others", ())),
            answered_by=tuple(f"{path.parent.name}/{answer}" for answer in entry.get("answered_by", ())),
            invariant=entry.get("invariant", False),
            note=entry.get("note", ""),
        )
    except (KeyError, TypeError, ValueError) as error:
        reason = f"key {error} is missing" if isinstance(error, KeyError) else str(error)
        message = f"{path}: clause {name}: {reason}"
        raise UsageError(message) from error


def _check_lists(values: Mapping[str, object]) -> None:
    # A string would be taken for a list of its letters.
    for key, value in values.items():
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            message = f"{key} must be a list of strings"
            raise TypeError(message)


def check_known(kind: str, found: Iterable[str], known: Collection[str]) -> None:
    """Return if all `found` are `known`; raises ValueError with one that is not. kind: what it is, in one word."""
    if strange := set(found) - set(known):
        message = f"unknown {kind} {min(strange)!r}"
        raise ValueError(message)

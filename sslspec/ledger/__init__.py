"""The ledger: every sentence of every document, and what accounts for it, read from the files beside the features.

A file is `features/<page>/ledger/<edition>.toml`, with a line for each sentence. No sentence is in it: see `sslspec.pages.words`.
`sslspec.ledger.make` writes these files from the pages and our decisions, `sslspec.ledger.check` holds them against the clauses.

    document   the file it was made of (for a document of a collection: its name there), and its SHA-256
    format     what the document is written in
    at         line and column in the document
    in         where the sentence stands, "SECTION number", as the clauses refer to it; 0 is the heading itself
    is         the fingerprint of its words
    states     the clauses it states, short: of the page the file is of
    leaves     the questions it leaves open
    for        where it states no clause: its disposition
    why        what the disposition does not say by itself
    marks      a mark for each word, ".." for a hole
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sslspec.clauses import EDITIONS, check_known, features_folder
from sslspec.errors import UsageError
from sslspec.pages.sentences import OUTSIDE_SECTIONS
from sslspec.pages.words import MARK_OF_HOLE, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Disposition(StrEnum):
    """Why a sentence states no clause. The value is how the ledger says it."""

    HEADING = "heading"
    NAME = "name line"
    PROTOTYPE = "prototype"
    REFERENCE = "reference"
    INTRODUCTION = "introduction"
    EXPLANATION = "explanation"
    LOST = "lost"
    EXAMPLE = "example"
    HISTORY = "history"
    LICENCE = "licence"
    STAMP = "stamp"
    MESSAGE = "message"
    FRAME = "frame"

    @property
    def reason(self) -> str:
        """Return why nothing can be checked in such a sentence."""
        return _REASONS[self]


_REASONS = {
    Disposition.HEADING: "a heading",
    Disposition.NAME: "names the page and its subject; what the functions do is said elsewhere",
    Disposition.PROTOTYPE: "a declaration: the C compiler checks it",
    Disposition.REFERENCE: "refers to other pages",
    Disposition.INTRODUCTION: "leads to what follows and says nothing by itself",
    Disposition.EXPLANATION: "gives a reason or a background; promises nothing that could be seen",
    Disposition.LOST: "what it states is in its hole",
    Disposition.EXAMPLE: "an example of what is stated elsewhere",
    Disposition.HISTORY: "tells since when there is something",
    Disposition.LICENCE: "licence and copyright",
    Disposition.STAMP: "tells where the document is from: file, version, date, author",
    Disposition.MESSAGE: "a message that came with the document, about a change of the code",
    Disposition.FRAME: "of the site or listing that it was copied from",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence of a document, and what accounts for it; the names are those of the module's table.

    states, leaves: ids of clauses. disposition: None where the sentence states clauses.
    """

    at: str
    where: str
    fingerprint: str
    marks: tuple[str, ...]
    states: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    disposition: Disposition | None = None
    why: str = ""

    @property
    def section(self) -> str:
        """Return the section it stands in."""
        return self.where.rpartition(" ")[0]

    @property
    def outside(self) -> bool:
        """Return whether it is no text of the page itself, in whatever section it was found."""
        return self.section in OUTSIDE_SECTIONS or self.disposition is Disposition.FRAME

    @property
    def is_heading(self) -> bool:
        """Return whether it is the heading of its section."""
        return self.where.endswith(" 0")

    @property
    def has_hole(self) -> bool:
        """Return whether a part of it is lost in the document."""
        return MARK_OF_HOLE in self.marks

    @property
    def reason(self) -> str:
        """Return why it is not checked, or ""."""
        return self.why or (self.disposition.reason if self.disposition else "")


@dataclass(frozen=True, slots=True)
class Ledger:
    """What an edition of a page says, as one document has it."""

    page: str
    edition: str
    document: str
    sha256: str
    format: str
    entries: tuple[Entry, ...]


def ledgers(page: str) -> tuple[Ledger, ...]:
    """Return the ledgers of a page, the oldest edition first; raises UsageError when one is broken."""
    folder = features_folder() / page / "ledger"
    return tuple(read_ledger(path) for edition in EDITIONS if (path := folder / f"{edition}.toml").exists())


def read_ledger(path: Path) -> Ledger:
    """Return the ledger in the file at `path`; raises UsageError, with the file and the number of the sentence, when it is none."""
    page, edition = path.parent.parent.name, path.stem
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        check_known("key", table, _HEAD)
        entries = tuple(_entry(page, number, row) for number, row in enumerate(table["sentences"], 1))
        return Ledger(page, edition, _text(table, "document"), _text(table, "sha256"), _text(table, "format"), entries)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        reason = f"key {error} is missing" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"{path}: {reason}") from error


_HEAD = ("document", "sha256", "format", "sentences")
_KEYS = ("at", "in", "is", "states", "leaves", "for", "why", "marks")


def _entry(page: str, number: int, row: Mapping[str, Any]) -> Entry:
    try:
        check_known("key", row, _KEYS)
        return Entry(
            at=_text(row, "at"),
            where=_text(row, "in"),
            fingerprint=_fingerprint(row["is"]),
            marks=unpacked(_text(row, "marks")),
            states=_ids(page, row.get("states", [])),
            leaves=_ids(page, row.get("leaves", [])),
            disposition=Disposition(row["for"]) if "for" in row else None,
            why=_text(row, "why") if "why" in row else "",
        )
    except KeyError as error:
        raise ValueError(f"sentence {number}: key {error} is missing") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"sentence {number}: {error}") from error


def _fingerprint(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{16}", value):
        raise ValueError("'is' must be 16 hexadecimal digits")
    return value


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(f"{key!r} must be a string")
    return value


def _ids(page: str, names: object) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError("clauses must be a list of strings")
    return tuple(f"{page}/{name}" for name in names)

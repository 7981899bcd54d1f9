"""The two sides of a comparison as a user names them: records that runs have left, or libraries that are run for it.

    a name of `sslspec list`      that library, whatever files there are
    NAME=PATH                     a libssl, or a folder with one, under a name of the user's own
    a file or a folder            a record (JSON, or a folder with a record.json); anything else is a libssl

A libssl that is named by its path alone is called `old` or `new`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sslspec.clauses import DEFAULT_EDITION
from sslspec.comparison import Comparison, compare
from sslspec.errors import UsageError, unknown
from sslspec.reports.record_json import FILE, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.record import Record


@dataclass(frozen=True, slots=True)
class Library:
    """A library that is run. request: as `-i` takes it."""

    request: str

    @property
    def name(self) -> str:
        """Return what it is called in the record of the run."""
        return self.request.partition("=")[0]


Side = Path | Library


class Run(Protocol):
    """Runs libraries."""

    def __call__(self, requests: Sequence[str], edition: str) -> Record:
        """Return the record of a run of what `-i` was given, held to an edition."""
        ...


def side_of(text: str, name: str) -> Side:
    """Return a record (its path) or a library. name: what a libssl without one is called.

    Raises UsageError for a name that nothing has, and a path at which there is nothing.
    """
    path = Path(text)
    if "=" in text and not path.exists():
        return Library(text)
    if _is_library_name(text):
        return Library(text)
    if path.exists():
        return path if _is_record(path) else Library(f"{name}={text}")
    if os.sep in text or path.suffix:
        raise UsageError(f"{text} does not exist; name a record, a libssl, or a library of `sslspec list`")
    raise _unknown(text)


def compare_sides(old: Side, new: Side, wanted: Sequence[tuple[str, str]], run: Run, edition: str = "") -> Comparison:
    """Return what differs between two sides; libraries are run, both at once.

    wanted: pairs of names, of records. edition: what libraries are held to; "" for what the record on the other side holds its own to, or
    the default.

    Raises UsageError as `compare`, `read` and `run` do, and for a library that could not be run.
    """
    before, after = (read(side, evidence=False) if isinstance(side, Path) else None for side in (old, new))
    if before is None or after is None:
        recorded = before or after
        held = edition or (recorded.edition if recorded else DEFAULT_EDITION)
        ran = run([side.request for side in (old, new) if isinstance(side, Library)], held)
        for left in ran.not_run:
            raise UsageError(f"{left.implementation} could not be run: {left.reason}; {left.remedy}")
        before, after = before or ran, after or ran
    return compare(before, after, wanted or _named(old, new, before, after))


def _named(old: Side, new: Side, before: Record, after: Record) -> list[tuple[str, str]]:
    """Return the pair that is meant where a library was run for the comparison; nothing where `compare` has to find it."""
    names = [side.name for side in (old, new) if isinstance(side, Library)]
    pair = (names[0], names[-1]) if names else ("", "")
    return [pair] if pair[0] in before.names() and pair[1] in after.names() else []


def _is_library_name(text: str) -> bool:
    from sslspec.adapters.catalogue import find, is_reserved  # noqa: PLC0415  # comparing records needs no catalogue

    return is_reserved(text) or find(text) is not None


def _is_record(path: Path) -> bool:
    if path.is_dir():
        return (path / FILE).is_file()
    if path.suffix == ".json" or not path.is_file():
        return True
    with path.open("rb") as file:
        return file.read(64).lstrip()[:1] == b"{"


def _unknown(text: str) -> UsageError:
    from sslspec.adapters.resolve import known_names  # noqa: PLC0415  # only for what is wrong

    return unknown("implementation", text, known_names())

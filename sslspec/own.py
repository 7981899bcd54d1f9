"""Which edition an implementation is held to: one for all, or the edition of the documentation of its own.

Which releases have which edition for their own is told by `features/editions.toml`: family -> edition -> range of releases.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING

from sslspec.clauses import DEFAULT_EDITION, EDITIONS, OWN, check_known, features_folder
from sslspec.errors import UsageError
from sslspec.releases import Range, release_of

if TYPE_CHECKING:
    from pathlib import Path

    from sslspec.record import Identity

#: Family -> edition -> the releases that have it for their own, the oldest edition first.
Owners = dict[str, dict[str, Range]]


def held_to(edition: str, identity: Identity) -> str:
    """Return the edition that what was driven is held to when `edition`, perhaps OWN, was asked for.

    One without documentation of its own is held to DEFAULT_EDITION.
    """
    return (own_edition(identity) or DEFAULT_EDITION) if edition == OWN else edition


def own_edition(identity: Identity) -> str:
    """Return the edition of the documentation of the release that was driven, "" where none is at hand or the release is unknown."""
    release = release_of(identity)
    editions = [edition for edition, releases in owners().get(identity.family, {}).items() if release in releases]
    return editions[-1] if editions else ""


@cache
def owners() -> Owners:
    """Return whose own each edition is, read once; raises UsageError when the table is broken."""
    return read_owners(features_folder() / "editions.toml")


def read_owners(path: Path) -> Owners:
    """Return the table in the file at `path`; raises UsageError, with the file, when it is none."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return {family: _ranges(family, editions) for family, editions in table.items()}
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error


def _ranges(family: str, editions: object) -> dict[str, Range]:
    if not isinstance(editions, dict) or not all(isinstance(text, str) for text in editions.values()):
        raise ValueError(f"{family} must be a table of editions and ranges")  # a mistake in the file, not of the caller
    check_known("edition", editions, EDITIONS)
    return {edition: Range(editions[edition]) for edition in EDITIONS if edition in editions}

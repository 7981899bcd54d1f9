"""How a clause would be said on a page: in the words of `features/<page>/drafts.toml`, or in those of the clause itself."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sslspec.clauses import features_folder
from sslspec.errors import UsageError
from sslspec.expectations import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sslspec.clauses import Clause


def wording(clause: Clause) -> str:
    """Return a sentence or two; functions with their parentheses, constants and types as in C."""
    return read_wordings(features_folder() / clause.page / "drafts.toml").get(clause.id.partition("/")[2], clause.says)


@cache
def read_wordings(path: Path) -> Mapping[str, str]:
    """Return clause, by its short name -> text, of the file at `path`; raises UsageError, with the file, when it is none."""
    table = read_toml(path)
    for name, text in table.items():
        if not isinstance(text, str):
            raise UsageError(f"{path}: {name} must be a text")
    return table

"""How clauses would be said, and the files that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sslspec.clauses import Clause, Kind, features_folder, specification
from sslspec.drafting.wording import read_wordings, wording
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

CLAUSES = specification().clauses.values()


def written(page: str) -> dict[str, str]:
    return dict(read_wordings(features_folder() / page / "drafts.toml"))


@pytest.mark.parametrize("page", sorted({clause.page for clause in CLAUSES}))
def test_every_name_in_a_file_is_a_clause(page: str) -> None:
    assert {f"{page}/{name}" for name in written(page)} <= {clause.id for clause in CLAUSES}


@pytest.mark.parametrize("clause", [clause for clause in CLAUSES if clause.kind is not Kind.RULE], ids=lambda clause: clause.id)
def test_what_is_no_rule_is_said_in_words_of_its_own(clause: Clause) -> None:
    text = written(clause.page)[clause.id.partition("/")[2]]
    assert wording(clause) == text
    assert text != clause.says
    assert text.endswith(".")
    assert {Kind.OBLIGATION: "must", Kind.QUESTION: "It is not specified"}.get(clause.kind, "") in text


def test_a_rule_may_do_without() -> None:
    clause = specification().clause("reference-added")
    assert wording(clause) == clause.says


def test_a_file_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "drafts.toml"
    path.write_text("added = 3\n")
    with pytest.raises(UsageError, match=r"drafts\.toml: added must be a text$"):
        read_wordings(path)

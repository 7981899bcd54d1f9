"""Counting scenarios without Gherkin's parser comes to the same as with it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sslspec.clauses import features_folder
from sslspec.scenarios import counted
from sslspec.steps.collect import clauses_of, read_feature

if TYPE_CHECKING:
    from pathlib import Path

FEATURE = """
@clause:a
Feature: one
  @slow @clause:b
  Rule: of b
    @clause:c @clause:d
    Scenario: two
      Given a text
        \"\"\"
        @clause:none
        Scenario: none
        \"\"\"
    Scenario Outline: three
      Given <a>
      Examples: some
        | a |
  @clause:e
  Rule: of e
    Example: four
  Scenario: still of e
"""


def test_tags_are_of_what_they_stand_on(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "one.feature").write_text(FEATURE)
    assert counted(tmp_path) == {"a": 4, "b": 2, "c": 1, "d": 1, "e": 2}


def test_all_features_have_as_many_as_pytest_bdd_finds() -> None:
    found = Counter(
        id_
        for path in features_folder().glob("*/*.feature")
        for template in read_feature(path).scenarios.values()
        for id_ in clauses_of(template)
    )
    assert counted(features_folder()) == found

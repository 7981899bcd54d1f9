"""Reading features: what is wrong with one is said in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sslspec.clauses import specification
from sslspec.errors import UsageError
from sslspec.steps.collect import check_defined, clauses_of, is_undefined, read_feature, row_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ADDED = "SSL_set_session.3/reference-added"
RETURNS = "SSL_set_session.3/succeeds-with-1"

GOOD = f"""\
Feature: References
  @slow @clause:{RETURNS}
  Scenario: Without a rule
    Then the call returns 1

  @clause:{ADDED}
  Rule: One more
    Scenario: A session is set
      Then the call returns 1

    @clause:{RETURNS}
    Scenario Outline: It is set on <where>
      When the application sets none on <where>
      Then the call returns 1
      Examples:
        | where            |
        | a new connection |
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "some.feature"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def _what_is_wrong(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_feature(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert len(message.splitlines()) == 1
    return message.removeprefix(str(path))


def test_a_scenario_has_the_clauses_of_its_own_tags_and_of_its_rule(write: Callable[[str], Path]) -> None:
    scenarios = read_feature(write(GOOD)).scenarios
    assert {name: clauses_of(template) for name, template in scenarios.items()} == {
        "Without a rule": (RETURNS,),
        "A session is set": (ADDED,),
        "It is set on <where>": (ADDED, RETURNS),
    }


def test_a_clause_of_the_feature_is_every_scenarios(write: Callable[[str], Path]) -> None:
    feature = read_feature(write(f"@clause:{ADDED}\nFeature: All\n  Scenario: One\n    Then the call returns 1\n"))
    assert clauses_of(feature.scenarios["One"]) == (ADDED,)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Feature: References", ["Without a rule", "A session is set", "It is set on <where>"]),
        ("  Rule: One more", ["A session is set", "It is set on <where>"]),
        ("    Scenario: A session is set", ["A session is set"]),
    ],
)
def test_a_scenario_is_undefined_by_its_tag_or_by_one_above(write: Callable[[str], Path], line: str, names: list[str]) -> None:
    scenarios = read_feature(write(GOOD.replace(line, f"@undefined\n{line}"))).scenarios
    assert [name for name, template in scenarios.items() if is_undefined(template)] == names


def test_a_clause_all_of_whose_scenarios_are_undefined_has_to_be_asked_for() -> None:
    clauses = specification().clauses
    with pytest.raises(UsageError, match=r"^SSL_set_session\.3/two-contexts .* add --that to run it$"):
        check_defined(clauses["SSL_set_session.3/two-contexts"], "--that")
    # One of its scenarios is undefined, one is not.
    check_defined(clauses["SSL_set_session.3/is-set-session-open"], "--that")
    check_defined(clauses[ADDED], "--that")
    check_defined(clauses["SSL_set_session.3/one-context"], "--that")


@pytest.mark.parametrize(
    "text",
    ["Feature: Broken\n  Scenario: One\n    Given a client context\n    Perhaps a session\n", "no Gherkin at all\n"],
    ids=["no keyword", "no Gherkin"],
)
def test_what_is_no_gherkin_is_named_with_its_place(write: Callable[[str], Path], text: str) -> None:
    assert _what_is_wrong(write(text)).startswith(": ")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert _what_is_wrong(tmp_path / "absent.feature") == ": No such file or directory"


def test_of_two_scenarios_with_one_name_one_would_never_run(write: Callable[[str], Path]) -> None:
    again = f"  @clause:{RETURNS}\n  Rule: Another\n    Scenario: A session is set\n      Given a client context\n"
    message = _what_is_wrong(write(GOOD + "\n" + again))
    assert message == ": two scenarios are called 'A session is set'; one of them would never run"


def test_a_clause_that_does_not_exist_is_named_with_the_closest_that_does(write: Callable[[str], Path]) -> None:
    text = GOOD.replace(ADDED, "SSL_set_session.3/referense-added")
    assert _what_is_wrong(write(text)) == f":8: no clause is called 'SSL_set_session.3/referense-added'; did you mean {ADDED}?"


def test_a_scenario_without_a_clause_is_named_with_its_line(write: Callable[[str], Path]) -> None:
    text = GOOD.replace(f"@slow @clause:{RETURNS}", "@slow")
    assert _what_is_wrong(write(text)) == ":3: scenario 'Without a rule' has no clause"


def test_a_scenario_that_states_nothing_would_conform_without_having_run(write: Callable[[str], Path]) -> None:
    text = GOOD.replace("    Then the call returns 1\n", "    Than the call returns 1\n", 1)
    assert _what_is_wrong(write(text)) == ":3: scenario 'Without a rule' has no Then (a misspelt keyword makes a step a description)"


def test_an_outline_without_lines_would_never_run(write: Callable[[str], Path]) -> None:
    text = GOOD.replace("        | a new connection |\n", "")
    assert _what_is_wrong(write(text)) == ":12: scenario 'It is set on <where>' has no Examples"


def test_every_row_has_a_name_of_its_own() -> None:
    names = row_names()
    assert len({name.key for name in names}) == len(names) > 250
    name = next(name for name in names if name.title == "It is set on the server's end [TLS 1.3 stateful]")
    assert name.key == f"SSL_set_session.3/server.feature::{name.title}"
    assert name.clauses == ("SSL_set_session.3/no-part-on-server",)

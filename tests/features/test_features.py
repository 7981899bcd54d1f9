"""What every feature and every clause has to be, whatever it says."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

from sslspec.clauses import EDITIONS, Clause, Kind, features_folder, specification
from sslspec.steps.collect import CLAUSE_TAG, CONTROL_TAG, UNDEFINED_TAG, clauses_of, is_undefined, read_feature
from sslspec.steps.plugin import _STEP_MODULES

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_bdd.parser import ScenarioTemplate

#: pytest-bdd looks through every definition for every step.
MOST_DEFINITIONS = 63
MOST_STEPS = 9

NOTED = "it is noted "
CLAUSES = specification().clauses
FEATURES = sorted(features_folder().glob("*/*.feature"))
HELD = (Kind.RULE, Kind.READING)

#: A statement that nothing happens -> the one that its control makes, where it does happen.
CONTROLS = {
    r"the .*cache holds as many entries as before": r"the .*cache holds (?:\d+ entr(?:y|ies) (?:more|fewer)|more entries) than before",
    r"the .*cache holds 0 entries": r"the .*cache holds (?:\d+ entr(?:y|ies) (?:more|fewer)|more entries) than before",
    r"the .*session has as many references as before": r"the .*session (?:has \d+ references? (?:more|fewer) than before|is destroyed)",
    r"the .*session is not destroyed": r"the .*session is destroyed",
    r"the .*session is not marked as not resumable": r"the .*session is marked as not resumable",
    r"the session was reused (?:at neither end|on neither connection)": r"the session was reused (?:at both ends|on both connections)",
    r"the (?:client|server) says that the session was not reused": r"the (?:client|server) says that the session was reused",
}

#: clause -> the clauses whose scenarios are its controls, where its own would only say the same once more.
CONTROLLED_ELSEWHERE = {
    "SSL_set_session.3/no-cache-nothing-to-remove": ["SSL_set_session.3/open-session-leaves-cache"],
    "SSL_set_session.3/shut-down-is-not-open": ["SSL_set_session.3/open-session-leaves-cache"],
    "SSL_set_session.3/sent-flag-is-not-open": ["SSL_set_session.3/open-session-leaves-cache"],
    "SSL_set_session.3/reference-given-back": ["SSL_set_session.3/offered-in-handshake"],
    "SSL_CTX_add_session.3/absent-returns-0": ["SSL_CTX_add_session.3/removed"],
    "SSL_CTX_add_session.3/same-id-replaced": ["SSL_CTX_add_session.3/other-id-kept"],
    "SSL_CTX_add_session.3/other-id-kept": ["SSL_CTX_add_session.3/same-id-released-once"],
    "SSL_CTX_add_session.3/identical-changes-nothing": [
        "SSL_CTX_add_session.3/other-id-kept",
        "SSL_CTX_add_session.3/add-reference",
        "SSL_CTX_add_session.3/remove-marks",
    ],
    "SSL_CTX_add_session.3/remove-releases-once": ["SSL_CTX_add_session.3/same-id-released-once"],
}


@dataclass(frozen=True)
class Case:
    """A scenario where it stands, with its clauses and its steps in every line of its outline."""

    place: str
    clauses: tuple[Clause, ...]
    control: bool
    undefined: bool
    length: int
    steps: tuple[tuple[str, str], ...]

    @property
    def statements(self) -> list[str]:
        """Return what its Then steps say."""
        return [text for kind, text in self.steps if kind == "then"]


@cache
def _cases() -> list[Case]:
    return [_case(path, template) for path in FEATURES for template in read_feature(path).scenarios.values()]


def _case(path: Path, template: ScenarioTemplate) -> Case:
    examples = [context for table in template.examples for context in table.as_contexts()] or [{}]
    steps = [(step.type, step.name) for context in examples for step in template.render(context).steps]
    place = f"{path.parent.name}/{path.name}:{template.line_number} {template.name}"
    clauses = tuple(CLAUSES[id_] for id_ in clauses_of(template))
    return Case(place, clauses, CONTROL_TAG in template.tags, is_undefined(template), len(template.steps), tuple(steps))


def _cases_of(clause: str) -> list[Case]:
    return [case for case in _cases() if CLAUSES[clause] in case.clauses]


@cache
def _definitions() -> list[StepFunctionContext]:
    modules = {import_module(f"sslspec.steps.{name}").__name__ for name in _STEP_MODULES}
    return [context for context in step_function_context_registry.values() if context.step_func.__module__ in modules]


def _uncontrolled(clause: str, elsewhere: list[str]) -> list[str]:
    """Return where scenarios of `clause` say that nothing happens and no other one, of these clauses, says that it does."""
    controls = [case for other in (clause, *elsewhere) for case in _cases_of(other)]
    return [
        f"{case.place}: {text}"
        for case in _cases_of(clause)
        for text in case.statements
        for nothing, something in CONTROLS.items()
        if re.fullmatch(nothing, text)
        and not any(re.fullmatch(something, other) for control in controls for other in control.statements if control is not case)
    ]


def _of_kind(*kinds: Kind) -> list[str]:
    return [clause.id for clause in CLAUSES.values() if clause.kind in kinds]


@pytest.mark.parametrize("clause", _of_kind(Kind.RULE, Kind.READING, Kind.QUESTION))
def test_a_clause_has_a_scenario_that_is_no_control(clause: str) -> None:
    assert not all(case.control for case in _cases_of(clause))


def test_only_rules_and_readings_have_controls() -> None:
    assert [case.place for case in _cases() if case.control and not any(clause.kind in HELD for clause in case.clauses)] == []


def test_only_questions_are_about_what_is_undefined() -> None:
    # A rule that is only checked on request would be a rule that conforms unseen.
    assert [case.place for case in _cases() if case.undefined and any(clause.kind is not Kind.QUESTION for clause in case.clauses)] == []


def test_what_sets_during_a_handshake_is_undefined() -> None:
    begun = [case for case in _cases() if any(kind == "given" and "has spoken on" in text for kind, text in case.steps)]
    assert begun
    assert [case.place for case in begun if not case.undefined] == []


@pytest.mark.parametrize("clause", _of_kind(Kind.OBLIGATION))
def test_an_obligation_has_none(clause: str) -> None:
    assert _cases_of(clause) == []


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_tag_is_a_clause_of_the_same_page(path: Path) -> None:
    tags = [tag for tag in re.findall(r"@(\S+)", path.read_text(encoding="utf-8")) if tag not in (CONTROL_TAG, UNDEFINED_TAG)]
    pages = {clause.page for clause in CLAUSES.values()}
    assert path.parent.name in pages
    assert [
        tag for tag in tags if tag.removeprefix(CLAUSE_TAG) not in CLAUSES or not tag.startswith(f"{CLAUSE_TAG}{path.parent.name}/")
    ] == []


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_scenarios_of_a_file_have_names_of_their_own(path: Path) -> None:
    names = re.findall(r"^\s*Scenario(?: Outline)?:\s*(.+?)\s*$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert names
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_a_scenario_is_about_one_clause() -> None:
    assert [case.place for case in _cases() if len(case.clauses) != 1] == []


def test_the_scenario_of_a_question_only_notes() -> None:
    asked = [case for case in _cases() if any(clause.kind is Kind.QUESTION for clause in case.clauses)]
    assert [case.place for case in asked if not case.statements or not all(text.startswith(NOTED) for text in case.statements)] == []


def test_the_scenario_of_a_rule_states_something() -> None:
    held = [case for case in _cases() if any(clause.kind in HELD for clause in case.clauses)]
    assert [case.place for case in held if not case.statements or any(text.startswith(NOTED) for text in case.statements)] == []


def test_a_scenario_does_something_before_it_looks() -> None:
    # What is compared with is counted before the first When.
    assert [case.place for case in _cases() if "when" not in [kind for kind, _ in case.steps]] == []
    assert [case.place for case in _cases() if case.steps[0][0] != "given" or case.steps[-1][0] != "then"] == []


def test_scenarios_are_short() -> None:
    lengths = {case.place: case.length for case in _cases()}
    assert {place: length for place, length in lengths.items() if length > MOST_STEPS} == {}


@pytest.mark.parametrize("clause", _of_kind(*HELD))
def test_what_does_not_happen_has_a_control_in_which_it_does(clause: str) -> None:
    assert _uncontrolled(clause, CONTROLLED_ELSEWHERE.get(clause, [])) == []


@pytest.mark.parametrize("clause", CONTROLLED_ELSEWHERE)
def test_a_control_elsewhere_is_needed_and_stated_by_the_same_editions(clause: str) -> None:
    elsewhere = CONTROLLED_ELSEWHERE[clause]
    assert all(_uncontrolled(clause, [other for other in elsewhere if other != left_out]) for left_out in elsewhere)
    assert all(set(CLAUSES[clause].stated) <= set(CLAUSES[other].stated) for other in elsewhere)


@pytest.mark.parametrize("nothing", CONTROLS)
def test_the_words_for_nothing_are_those_of_the_features(nothing: str) -> None:
    # A step that was reworded must not slip out of the check above.
    assert any(re.fullmatch(nothing, text) for case in _cases() for text in case.statements)


def test_a_step_has_one_definition() -> None:
    steps = {step for case in _cases() for step in case.steps}
    found = {step: sum(_defines(definition, step) for definition in _definitions()) for step in steps}
    assert {step: count for step, count in found.items() if count != 1} == {}


def test_a_definition_has_a_step() -> None:
    steps = {step for case in _cases() for step in case.steps}
    unused = [definition for definition in _definitions() if not any(_defines(definition, step) for step in steps)]
    assert [f"{definition.type} {definition.parser.name}" for definition in unused] == []


def test_the_vocabulary_is_small() -> None:
    assert 0 < len(_definitions()) <= MOST_DEFINITIONS


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=lambda clause: clause.id)
def test_an_entry_is_complete(clause: Clause) -> None:
    question, reading = clause.kind is Kind.QUESTION, clause.kind is Kind.READING
    assert re.fullmatch(r"[\w.]+/[a-z0-9]+(?:-[a-z0-9]+)*", clause.id)
    assert clause.says.endswith("?" if question else ".")
    assert bool(clause.takes) is bool(clause.others) is reading
    assert all(text.endswith(".") for text in (clause.takes, *clause.others, clause.note) if text)
    assert not clause.invariant or clause.kind is Kind.RULE
    assert clause.functions
    assert all(re.fullmatch(r"SSL(?:_CTX)?_\w+", function) for function in clause.functions)


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=lambda clause: clause.id)
def test_an_entry_says_where_it_is_stated(clause: Clause) -> None:
    assert clause.stated
    assert list(clause.stated) == [edition for edition in EDITIONS if edition in clause.stated]
    for edition, sentences in clause.stated.items():
        section = "" if edition == "openbsd-2016" else "(?:DESCRIPTION|NOTES|RETURN VALUES) "
        assert sentences
        assert all(re.fullmatch(rf"{section}\d+(?: hole)?", sentence) for sentence in sentences)
        assert len(set(sentences)) == len(sentences)


def test_no_two_clauses_say_the_same() -> None:
    assert [says for says, count in Counter(clause.says for clause in CLAUSES.values()).items() if count > 1] == []


def _defines(definition: StepFunctionContext, step: tuple[str, str]) -> bool:
    kind, text = step
    return definition.type == kind and definition.parser.is_matching(text)

"""No question that a rule answers: where a scenario notes something, no scenario of a rule or a reading expects the same there.

Compared is what stands before: the same steps but for the names of sessions. So a rule is found that answers a question in the very
situation in which it is asked; one whose scenarios lead there in another way is not, nor what a sentence answers that no clause
states. Whether the words of a sentence answer a question only its reader can tell. `sslspec.ledger.check` compares the editions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pytest

from sslspec.clauses import Clause, Kind, features_folder, specification
from sslspec.steps.collect import clauses_of, read_feature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_bdd.parser import Step

CLAUSES = specification().clauses

#: How something is noted -> how it is expected; group 1 is what it is seen of.
LOOKS = {
    r"it is noted what (the call.*) returns": r"(the call.*) (?:returns|fails) .*",
    r"it is noted how many references (the .*) has": r"(the .*?) (?:has .* references?.*|is (?:not )?destroyed)",
    r"it is noted how many entries (the .*) holds": r"(the .*?cache) holds .*",
    r"it is noted whether (the .*) is marked": r"(the .*?) is (?:not )?marked as not resumable",
    r"it is noted (?:whether the|which) (session) was reused": r"the (session) was reused .*",
}
#: What only a question asks: nothing of it can be expected.
ONLY_NOTED = (
    "it is noted whether the error stack is empty",
    "it is noted which sessions have left the cache",
    "it is noted which sessions the callback has heard of",
)
#: What a rule expects and no question notes.
ONLY_EXPECTED = (
    r"the (?:client|server) says that the session was (?:not )?reused",
    r"the same one has left as leaves a cache to which none was added again",
)


@dataclass(frozen=True)
class Look:
    """What is noted or expected: of which clause, in which situation, and what it is seen of."""

    clause: Clause
    situation: tuple[str, ...]
    what: tuple[int, str]


def subject(text: str) -> tuple[int, str] | None:
    """Return which of LOOKS it is and of what, None where nothing can be compared."""
    for number, (noted, expected) in enumerate(LOOKS.items()):
        if match := re.fullmatch(noted, text) or re.fullmatch(expected, text):
            return number, match[1]
    return None


def looks(clause: Clause, steps: list[Step]) -> Iterator[Look]:
    situation: list[str] = []
    for step in steps:
        # A session that is old in one scenario may be the only one of another.
        text = re.sub(r"\b(?:an|(the)) old session", lambda match: f"{match[1] or 'a'} session", step.name)
        if step.type != "then":
            situation.append(text)
        elif what := subject(text):
            yield Look(clause, tuple(situation), what)


@cache
def every() -> tuple[Look, ...]:
    templates = [template for path in features_folder().glob("*/*.feature") for template in read_feature(path).scenarios.values()]
    return tuple(
        look
        for template in templates
        for id_ in clauses_of(template)
        for context in [context for table in template.examples for context in table.as_contexts()] or [{}]
        for look in looks(CLAUSES[id_], template.render(context).steps)
    )


def answering() -> list[tuple[Clause, Clause]]:
    """Return questions, each with a rule or a reading that expects what it asks.

    What holds of every call says only what all of them have in common: that 0 or 1 is returned, not which.
    """
    asked = {(look.situation, look.what): look.clause for look in every() if look.clause.kind is Kind.QUESTION}
    expected = [look for look in every() if look.clause.kind in (Kind.RULE, Kind.READING) and not look.clause.invariant]
    return [(asked[key], look.clause) for look in expected if (key := (look.situation, look.what)) in asked]


def test_a_rule_that_answers_a_question_is_named_as_its_answer() -> None:
    assert [(question.id, rule.id) for question, rule in answering() if rule.id not in question.answered_by] == []


def test_no_edition_states_a_rule_and_leaves_open_what_it_answers() -> None:
    assert [(question.id, rule.id) for question, rule in answering() if rule.stated.keys() & question.stated.keys()] == []


def test_one_that_is_answered_elsewhere_is_found() -> None:
    # Or the comparison compared nothing.
    found = [(question.id, rule.id) for question, rule in answering()]
    assert ("SSL_set_session.3/set-none", "SSL_set_session.3/none-releases") in found


@pytest.mark.parametrize("noted", LOOKS)
def test_what_is_noted_is_compared_with_something(noted: str) -> None:
    number = list(LOOKS).index(noted)
    kinds = {look.clause.kind for look in every() if look.what[0] == number}
    assert Kind.QUESTION in kinds
    assert kinds & {Kind.RULE, Kind.READING}


def test_every_statement_can_be_compared_or_is_known_not_to_be() -> None:
    paths = features_folder().glob("*/*.feature")
    said = {
        step.name
        for path in paths
        for template in read_feature(path).scenarios.values()
        for step in _steps(template)
        if step.type == "then"
    }
    left = [text for text in said if not subject(text)]
    assert {text for text in left if text not in ONLY_NOTED and not any(re.fullmatch(one, text) for one in ONLY_EXPECTED)} == set()


def _steps(template) -> list[Step]:
    contexts = [context for table in template.examples for context in table.as_contexts()] or [{}]
    return [step for context in contexts for step in template.render(context).steps]

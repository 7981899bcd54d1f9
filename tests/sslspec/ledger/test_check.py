"""What the ledgers are held against, and that each thing that can be wrong with them is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sslspec.clauses import Clause, Kind, Specification, features_folder, specification
from sslspec.ledger import Disposition, Entry, Ledger, ledgers
from sslspec.ledger.check import problems
from sslspec.pages.recognise import PAGES
from sslspec.scenarios import counted

PAGE = "SSL_page.3"
EDITION = "openssl-1.1.1"


def clause(name: str, kind: Kind, *stated: str) -> Clause:
    return Clause(f"{PAGE}/{name}", "", kind, {EDITION: stated}, ())


RULE = clause("rule", Kind.RULE, "NOTES 1", "NOTES 2 hole")
QUESTION = clause("question", Kind.QUESTION, "NOTES 1")
DUTY = clause("duty", Kind.OBLIGATION, "NOTES 1")
SPECIFICATION = Specification({each.id: each for each in (RULE, QUESTION, DUTY)})
HEADING = Entry("1:1", "NOTES 0", "0" * 16, ("ab",), disposition=Disposition.HEADING)
FIRST = Entry("2:1", "NOTES 1", "1" * 16, ("ab",), states=(RULE.id, DUTY.id), leaves=(QUESTION.id,))
SECOND = Entry("3:1", "NOTES 2", "2" * 16, ("ab", ".."), states=(RULE.id,))
SCENARIOS = {RULE.id: 2, QUESTION.id: 1}


def found(*entries: Entry, known: Specification = SPECIFICATION, scenarios: dict[str, int] = SCENARIOS) -> list[str]:
    return problems([Ledger(PAGE, EDITION, "page.txt", "", "POD", entries)], known, scenarios)


def test_our_own_have_no_problem() -> None:
    every = [ledger for page in PAGES for ledger in ledgers(page)]
    assert problems(every, specification(), counted(features_folder())) == []


def test_a_ledger_that_has_none() -> None:
    assert found(HEADING, FIRST, SECOND) == []


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([FIRST, SECOND, replace(HEADING, disposition=None)], "NOTES 0: nothing accounts for it"),
        ([FIRST, replace(SECOND, disposition=Disposition.EXAMPLE)], "NOTES 2: it states clauses and is example"),
        ([FIRST, SECOND, replace(SECOND, where="NOTES 3", states=(f"{PAGE}/gone",))], f"NOTES 3: there is no clause {PAGE}/gone"),
        ([FIRST, replace(SECOND, states=(RULE.id, QUESTION.id))], "NOTES 2: it answers the question SSL_page.3/question"),
        ([FIRST, replace(SECOND, leaves=(RULE.id,))], "NOTES 2: it leaves open SSL_page.3/rule, which is a rule"),
        ([FIRST, SECOND, replace(SECOND, where="NOTES 3")], "NOTES 3: SSL_page.3/rule does not name it"),
        ([FIRST, SECOND, SECOND], "NOTES 2: two sentences have this place"),
        ([FIRST], f"{RULE.id}: {EDITION} has no sentence 'NOTES 2 hole'"),
        ([FIRST, replace(SECOND, marks=("ab",))], f"{RULE.id}: {EDITION} has no sentence 'NOTES 2 hole'"),
        ([replace(FIRST, leaves=()), SECOND], f"{QUESTION.id}: the ledger of {EDITION} does not name it at 'NOTES 1'"),
        ([], f"{RULE.id}: no sentence states it"),
    ],
)
def test_what_is_wrong_in_a_ledger(entries: list[Entry], says: str) -> None:
    assert any(says in line for line in found(*entries))


class TestQuestions:
    """Another edition, in which the question may be answered. What the words of a sentence answer, no test can tell."""

    NEWER = "openssl-3.0"
    ANSWER = Clause(f"{PAGE}/answer", "", Kind.RULE, {NEWER: ("NOTES 2",)}, ())
    ASKED = replace(QUESTION, answered_by=(ANSWER.id,))

    def found(self, *clauses: Clause, second: Entry) -> list[str]:
        newer = RULE.stated | {self.NEWER: ("NOTES 1",)}
        known = Specification({each.id: each for each in (replace(RULE, stated=newer), DUTY, *clauses)})
        first = Entry("2:1", "NOTES 1", "1" * 16, ("ab",), states=(RULE.id,))
        every = [Ledger(PAGE, EDITION, "", "", "POD", (HEADING, FIRST, SECOND)), Ledger(PAGE, self.NEWER, "", "", "POD", (first, second))]
        return problems(every, known, dict.fromkeys(known.clauses, 1))

    def test_an_edition_that_speaks_of_the_same_answers_it(self) -> None:
        second = Entry("3:1", "NOTES 2", "2" * 16, ("ab",), states=(self.ANSWER.id,))
        assert self.found(self.ASKED, self.ANSWER, second=second) == []

    def test_or_leaves_it_open(self) -> None:
        second = Entry("3:1", "NOTES 2", "2" * 16, ("ab",), disposition=Disposition.EXAMPLE)
        assert self.found(QUESTION, second=second) == [
            f"{QUESTION.id}: {self.NEWER} speaks of the same in NOTES 1, and neither leaves it open nor answers it"
        ]

    def test_not_both(self) -> None:
        second = Entry("3:1", "NOTES 2", "2" * 16, ("ab",), states=(self.ANSWER.id,), leaves=(QUESTION.id,))
        both = replace(self.ASKED, stated={**QUESTION.stated, self.NEWER: ("NOTES 2",)})
        assert self.found(both, self.ANSWER, second=second) == [
            f"{QUESTION.id}: {self.NEWER} leaves it open, and answers it by {self.ANSWER.id}"
        ]

    @pytest.mark.parametrize("answer", [DUTY.id, QUESTION.id, f"{PAGE}/gone"])
    def test_an_answer_is_a_rule_or_a_reading(self, answer: str) -> None:
        says = f"{QUESTION.id}: an answer must be a rule or a reading; answered_by names {answer}"
        assert says in found(HEADING, FIRST, SECOND, known=self.known(replace(QUESTION, answered_by=(answer,))))

    def test_only_a_question_has_answers(self) -> None:
        says = f"{RULE.id}: it is no question, and has answers"
        assert found(HEADING, FIRST, SECOND, known=self.known(replace(RULE, answered_by=(RULE.id,)))) == [says]

    @staticmethod
    def known(changed: Clause) -> Specification:
        return Specification(SPECIFICATION.clauses | {changed.id: changed})


def test_a_clause_without_a_scenario() -> None:
    assert found(FIRST, SECOND, scenarios={RULE.id: 1}) == [f"{QUESTION.id}: no scenario checks it"]


def test_a_tag_that_is_no_clause() -> None:
    assert found(FIRST, SECOND, scenarios={**SCENARIOS, "SSL_page.3/gone": 1}) == [
        "SSL_page.3/gone: a scenario is tagged with it, and it is no clause"
    ]

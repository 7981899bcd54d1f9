"""What is drafted for each kind of clause, and where it belongs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from expected import entry, expectations

from sslspec.clauses import Clause, Kind, specification
from sslspec.drafting import CAVEATS, HISTORY, drafted, edition_for
from sslspec.errors import UsageError
from sslspec.expectations import read_expectations
from sslspec.steps.collect import row_names

ID = "SSL_set_session.3/rule"
EDITION = "openssl-1.1.1"
RULE = Clause(ID, "It is so.", Kind.RULE, {EDITION: ("NOTES 1", "NOTES 3")}, ())
SEEN = "expected: the call returns 1; observed: it returned 0"


def knows(family: str, versions: str, clause: str = ID):
    return entry(versions, family=family, clause=clause, reason=SEEN)


def passages(clause: Clause, *known, edition: str = EDITION) -> list[tuple[str, str]]:
    return [(each.below, each.text) for each in drafted(clause, edition, expectations(*known)).passages]


def test_a_rule_that_all_keep_needs_no_draft() -> None:
    assert passages(RULE, knows("openssl", "", clause="SSL_page.3/rule")) == []


def test_of_a_rule_it_is_said_who_does_not_keep_it() -> None:
    known = [knows("openssl", "<1.1.0"), knows("openssl", ">=3"), knows("libressl", "<3"), knows("pyopenssl", "")]
    assert passages(RULE, *known) == [
        (CAVEATS, "It is so. It was seen otherwise in LibreSSL before 3 and OpenSSL 3 and later (one): the call returns 0."),
        (HISTORY, "It is so. It was seen otherwise in OpenSSL before 1.1.0 (one): the call returns 0."),
    ]


def test_only_what_carries_a_library_does_otherwise() -> None:
    assert passages(RULE, knows("pyopenssl", "")) == []


def test_history_is_the_owners() -> None:
    clause = replace(RULE, stated={"libressl-3.1.0": ("NOTES 1",)})
    known = [knows("openssl", "<1.1.0"), knows("libressl", "<3")]
    assert [below for below, _ in passages(clause, *known, edition="libressl-3.1.0")] == [CAVEATS, HISTORY]
    assert "LibreSSL" in passages(clause, *known, edition="libressl-3.1.0")[1][1]


@pytest.mark.parametrize("kind", [Kind.READING, Kind.OBLIGATION])
def test_what_is_vague_or_a_duty_is_said_beside_it(kind: Kind) -> None:
    clause = replace(RULE, kind=kind)
    assert passages(clause) == [("NOTES, after sentence 3", "It is so.")]
    assert [below for below, _ in passages(clause, knows("openssl", ""))] == ["NOTES, after sentence 3", CAVEATS]


def test_headings_may_be_lost() -> None:
    clause = replace(RULE, kind=Kind.READING, stated={EDITION: ("7 hole",)})
    assert passages(clause) == [("the text, after sentence 7", "It is so.")]


def test_a_question_is_left_open_with_what_is_known() -> None:
    clause = specification().clause("set-none")
    draft = drafted(clause, EDITION, replace(expectations(), specification=specification()))
    assert draft.about == "SSL_set_session.3/set-none, a question that openssl-1.1.1 leaves open in DESCRIPTION 1, DESCRIPTION 6"
    assert [(each.below, each.items) for each in draft.passages] == [(CAVEATS, ())]


def test_what_changed_from_release_to_release_is_nothing_to_rely_on() -> None:
    known = read_expectations(None, specification(), row_names())
    last = {name: drafted(specification().clause(name), EDITION, known).passages[-1].text for name in ("order-of-eviction", "set-none")}
    assert last["order-of-eviction"] == "Applications cannot rely on it: it has changed from release to release."
    assert last["set-none"] == "Portable applications cannot rely on it: in AWS-LC, BoringSSL and wolfSSL it is otherwise."


def test_the_edition_is_the_usual_one_or_the_newest() -> None:
    assert edition_for(RULE) == EDITION
    assert edition_for(replace(RULE, stated={"aws-lc-5.12": (), "boringssl-2026": ()})) == "aws-lc-5.12"
    assert edition_for(replace(RULE, stated={EDITION: (), "openssl-2001": ()}), "openssl-2001") == "openssl-2001"
    with pytest.raises(UsageError, match=r"^openssl-3\.0 has no sentence that states .*/rule; editions that have one: openssl-1\.1\.1$"):
        edition_for(RULE, "openssl-3.0")

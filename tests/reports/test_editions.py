from __future__ import annotations

from sslspec.clauses import EDITIONS, Kind
from sslspec.record import EditionOfPage, Results
from sslspec.reports.editions import differences, sentences, stated
from sslspec.verdicts import Verdict


def test_a_sentence_is_checked_when_somebody_was_seen_to_do_one_of_the_things_it_says(make):
    clauses = [
        make.clause("seen", stated={make.edition: ("NOTES 1", "NOTES 2")}),
        make.clause("unseen", stated={make.edition: ("NOTES 2", "NOTES 3")}),
        make.clause("duty", Kind.OBLIGATION, stated={make.edition: ("NOTES 4",)}),
        make.clause("asked", Kind.QUESTION, stated={make.edition: ("NOTES 5",)}),
        make.clause("elsewhere", page="SSL_CTX_add_session.3", stated={make.edition: ("NOTES 6",)}),
    ]
    rows = [make.row(Verdict.DEVIATES, "seen"), make.row(Verdict.NOT_OBSERVABLE, "unseen"), make.row(Verdict.ANSWERED, "asked")]
    edition = EditionOfPage(make.page, make.edition, "POD", sentences=9, stating=4, other={"heading": 5})
    (found,) = sentences(Results(make.record(rows, clauses, editions=(edition,))))
    assert (found.edition, found.checkable, found.checked, found.rest) == (edition, 3, 2, {"to the caller": 1, "heading": 5})


def test_a_record_without_editions_has_no_sentences(make):
    assert sentences(Results(make.record([make.row()]))) == []


def test_how_an_edition_differs_is_a_line(full):
    assert [differences(edition) for edition in full.editions] == ["", "since openssl-2001: gained: late, always"]
    same = EditionOfPage(full.editions[0].page, "openssl-1.1.1", "POD", 9, 3, since="openssl-1.1.0")
    assert differences(same) == "since openssl-1.1.0: the same clauses in the same words"


def test_which_editions_state_a_clause(make):
    clause = make.clause("old", stated={"openssl-2001": ("NOTES 1", "NOTES 2"), make.edition: ("NOTES 1",)})
    ((name, numbers),) = stated(make.record([make.row()], [clause]))
    assert name == clause.id
    assert dict(zip(EDITIONS, numbers, strict=True)) == {**dict.fromkeys(EDITIONS, ""), "openssl-2001": "2", make.edition: "1"}

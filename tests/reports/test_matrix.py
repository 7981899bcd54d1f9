from __future__ import annotations

from sslspec.clauses import EDITIONS
from sslspec.record import Results
from sslspec.reports.matrix import matrix
from sslspec.reports.words import KEPT
from sslspec.verdicts import Verdict


def texts(table):
    return [[str(cell) for cell in column.cells] for column in table.columns]


def test_clauses_stand_below_their_page(full):
    table = matrix(Results(full), full.edition, 80)
    clauses, *_ = texts(table)
    assert clauses[:4] == ["", "SSL_set_session.3", "  a-rule", "~ a-reading"]


def test_totals_stand_below_the_column_they_are_of(full):
    table = matrix(Results(full), full.edition, 80)
    clauses, one, two, *_ = texts(table)
    crashes = clauses.index("  crashes")
    assert (one[crashes], two[crashes]) == ("1", ".")


def test_a_total_that_nobody_has_is_left_out(make):
    table = matrix(Results(make.record([make.row()])), make.edition, 80)
    labels = texts(table)[0]
    assert labels[labels.index("checked") : labels.index(KEPT)] == ["checked", "  conforms"]


def test_what_is_kept_of_an_edition_is_of_what_was_checked(make):
    verdicts = {"kept": Verdict.CONFORMS, "broken": Verdict.DEVIATES, "unseen": Verdict.NOT_OBSERVABLE}
    rows = [make.row(verdict, name) for name, verdict in verdicts.items()]
    table = matrix(Results(make.record(rows, [make.clause(name) for name in verdicts])), make.edition, 80)
    labels, numbers, *_ = texts(table)
    of_editions = dict(zip(labels, numbers, strict=False))
    assert of_editions[f"  {make.edition}"] == "1/2"
    assert {numbers[labels.index(f"  {edition}")] for edition in EDITIONS if edition != make.edition} == {"."}


def test_a_sentence_that_is_too_long_ends_in_dots(make):
    record = make.record([make.row()], [make.clause(says="word " * 100)])
    table = matrix(Results(record), make.edition, 120)
    sentence = texts(table)[-1][2]
    assert sentence.endswith("word ...")
    assert len(sentence) <= 120


def test_nothing_to_show_is_no_table(make):
    assert matrix(Results(make.record([])), make.edition, 80) is None


def test_where_they_do_not_fit_side_by_side_there_is_no_table(make):
    record = make.record([make.row(implementation=f"openssl-1.1.{number}") for number in range(12)])
    assert matrix(Results(record), make.edition, 80) is None
    assert matrix(Results(record), make.edition, 200)


def test_no_page_and_no_label_is_broken_where_there_is_room(make):
    record = make.record([make.row(), make.row(Verdict.ERROR, "b")], [make.clause(), make.clause("b")])
    table = matrix(Results(record), make.edition, 80)
    assert table.columns[0].width >= max(len(text) for text in texts(table)[0])


def test_the_edition_each_is_held_to_stands_below_its_name(own):
    table = matrix(Results(own), own.edition, 80)
    _, one, two, *_ = table.columns
    assert [str(column.header).split("\n") for column in (one, two)] == [["one", "openssl-", "2001"], ["two", "openssl-", "1.1.1"]]

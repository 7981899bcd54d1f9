from __future__ import annotations

from sslspec.record import Results
from sslspec.reports.matrix import matrix
from sslspec.verdicts import Verdict


def texts(table):
    return [[str(cell) for cell in column.cells] for column in table.columns]


def test_clauses_stand_below_their_page(full):
    (table,) = matrix(Results(full), full.edition, 80)
    clauses, *_ = texts(table)
    assert clauses[:4] == ["", "SSL_set_session.3", "  a-rule", "~ a-reading"]


def test_totals_stand_below_the_column_they_are_of(full):
    (table,) = matrix(Results(full), full.edition, 80)
    clauses, one, two, *_ = texts(table)
    crashes = clauses.index("  crashes")
    assert (one[crashes], two[crashes]) == ("1", ".")


def test_a_total_that_nobody_has_is_left_out(make):
    (table,) = matrix(Results(make.record([make.row()])), make.edition, 80)
    assert texts(table)[0][-2:] == ["checked", "  conforms"]


def test_a_sentence_that_is_too_long_ends_in_dots(make):
    record = make.record([make.row()], [make.clause(says="word " * 100)])
    (table,) = matrix(Results(record), make.edition, 120)
    sentence = texts(table)[-1][2]
    assert sentence.endswith("word ...")
    assert len(sentence) <= 120


def test_nothing_to_show_is_no_table(make):
    assert not list(matrix(Results(make.record([])), make.edition, 80))


def test_no_page_and_no_label_is_broken_where_there_is_room(make):
    record = make.record([make.row(), make.row(Verdict.ERROR, "b")], [make.clause(), make.clause("b")])
    (table,) = matrix(Results(record), make.edition, 80)
    assert table.columns[0].width >= max(len(text) for text in texts(table)[0])

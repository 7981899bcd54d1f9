from __future__ import annotations

import io

from rich.console import Console

from sslspec.clauses import Kind
from sslspec.record import Results
from sslspec.reports.signs import keys, legend, matrix, numbers
from sslspec.verdicts import Verdict


def test_there_is_a_key_for_each_name_however_many_there_are():
    assert list(keys(["x", "y"]).values()) == ["a", "b"]
    many = keys([str(number) for number in range(60)])
    assert (many["0"], many["51"], many["52"]) == ("aa", "aZ", "ba")
    assert len(set(many.values())) == 60


def test_a_key_of_two_letters_stands_in_two_lines(make):
    record = make.record([make.row(implementation=str(number)) for number in range(60)])
    (lines,) = matrix(Results(record), make.edition, 200)
    assert [line.plain[-3:] for line in lines[:2]] == ["bbb", "fgh"]


def test_where_not_even_the_signs_fit_there_are_several_tables(make):
    record = make.record([make.row(implementation=str(number)) for number in range(50)])
    tables = list(matrix(Results(record), make.edition, 40))
    assert len(tables) > 1
    assert sum(lines[-1].plain.count(".") for lines in tables) == 50


def test_only_signs_that_are_shown_are_explained(make):
    rows = [make.row(), make.row(Verdict.NOT_OBSERVABLE), make.row(Verdict.ANSWERED, "asked", answer="so")]
    record = make.record(rows, [make.clause(), make.clause("asked", Kind.QUESTION), make.clause("other")])
    assert legend(Results(record), make.edition) == "+ answered | : ok, seen in part"


def test_wide_screens_show_what_is_kept_of_each_edition(full):
    def heads(width):
        console = Console(file=io.StringIO(), width=width)
        console.print(numbers(Results(full), full.edition, width))
        return console.file.getvalue()

    assert "2001" in heads(200)
    assert "2001" not in heads(60)
    assert "deviates" in heads(60)

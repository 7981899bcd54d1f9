from __future__ import annotations

from dataclasses import replace

import pytest
from releases import CLAUSE, QUESTION, record

from sslspec.history import Release, history
from sslspec.record import Identity, Results
from sslspec.reports.history_text import of_clause, table

OK, BAD = {"One": "conforms", "Two": "conforms"}, {"One": "deviates: it holds 2", "Two": "conforms"}


def openssl(releases, others=(), **more):
    made = record(releases, **more)
    return history("openssl", made.clauses, [Results(made)], [Release(f"openssl-{each}", each, trouble) for each, trouble in others])


def test_a_clause_with_its_spans_and_the_rows_that_change():
    text = of_clause([openssl({"1.0.2q": BAD, "1.1.0f": OK, "3.0.0": OK})])
    assert text[:12] == [
        "openssl: 3 releases were run, 1.0.2q to 3.0.0; held to openssl-1.1.1",
        "  SSL_set_session.3/a-rule (rule)",
        "  It is so.",
        "",
        "  1.0.2q           DEVIATES",
        "  1.1.0f .. 3.0.0  ok",
        "",
        "  1.0.2q -> 1.1.0f",
        "    1 row does otherwise",
        "      before  deviates: it holds 2",
        "      after   conforms",
        "        One",
    ]
    assert text[-1].startswith("What was not run is not known, also between equal ones")


def test_what_was_not_run_is_never_shown_as_run():
    others = [("1.1.0g", ""), ("1.1.1", ""), ("1.0.2r", ""), ("1.1.0h", "cc failed")]
    text = "\n".join(of_clause([openssl({"1.0.2q": BAD, "1.1.0f": OK, "3.0.0": OK}, others)]))
    assert "1.1.0f .. 3.0.0  ok   not run, between equal ones: 1.1.0g, 1.1.0h, 1.1.1\n" in text
    assert "1.0.2q -> 1.1.0f   not run, so that it may be in any of them: 1.0.2r\n" in text
    assert "could not be run: openssl-1.1.0h: cc failed" in text
    assert "3 releases were run" in text


def test_many_are_shown_by_their_ends():
    others = [(f"3.0.{number}", "") for number in range(1, 12)]
    text = "\n".join(of_clause([openssl({"3.0.0": OK, "3.1.0": OK}, others)]))
    assert "between equal ones: 3.0.1 .. 3.0.11 (11)" in text


def test_a_name_of_its_own_stands_beside_the_release():
    made = record({"3.0.22": OK})
    made = replace(
        made,
        implementations=(Identity("openssl-debian", "openssl", "", release="3.0.22"), Identity("mine", "openssl", "")),
        rows=tuple(replace(row, implementation="openssl-debian") for row in made.rows),
    )
    text = "\n".join(of_clause([history("openssl", [CLAUSE], [Results(made)])]))
    assert "1 release was run, 3.0.22 (openssl-debian)" in text
    assert "the release is unknown: mine" in text


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({"One": "returns 1"}, {"One": "returns 0"}, "1 row does otherwise"),
        ({"One": "returns 1", "Two": "no"}, {"One": "returns 0", "Two": "yes"}, "2 rows do otherwise"),
        ({"One": "not-applicable"}, {"One": "returns 0"}, "1 row is seen from here on"),
        (
            {"One": "returns 1", "Two": "not-applicable"},
            {"One": "returns 0", "Two": "no"},
            "1 row does otherwise, 1 row is seen from here on",
        ),
        ({"One": "returns 1"}, {"One": "not-observable"}, "1 row is no longer seen"),
        ({}, {"One": "returns 1"}, "1 row is seen from here on"),
    ],
)
def test_the_table_has_a_line_for_each_span_and_says_what_is_otherwise(before, after, says):
    text = table([openssl({"1.1.1": before, "3.0.0": after}, [("1.1.1w", "")], clause=QUESTION)])
    assert f"({says}; not run before it: 1.1.1w)" in next(line for line in text if "3.0.0  " in line)
    assert "  SSL_set_session.3" in text


def test_the_table_names_a_clause_once():
    text = table([openssl({"1.0.2q": BAD, "1.1.0f": OK})])
    assert text[2:4] == ["    a-rule  1.0.2q  DEVIATES", "            1.1.0f  ok  (1 row does otherwise)"]


def test_a_history_of_nothing_says_so():
    assert table([openssl({})])[0] == "openssl: no release was run"


def test_nothing_acts(make):
    evil = make.hostile
    made = record({"1.1.1": {evil: f"deviates: {evil}"}, "3.0.0": OK})
    text = [*of_clause([history("openssl", made.clauses, [Results(made)], [Release("openssl-3.1.0", "3.1.0", evil)])])]
    assert all(line.isprintable() for line in text)

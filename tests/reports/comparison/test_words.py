from __future__ import annotations

from dataclasses import replace

from sslspec.comparison import Outcome, Way, compare
from sslspec.record import File, Partial
from sslspec.reports.comparison import words
from sslspec.verdicts import Verdict


def test_every_way_has_its_words():
    assert list(words.TITLES) == list(Way)
    assert all(title.startswith("Worse") is (way in {Way.REGRESSED, Way.LOST, Way.BROKEN}) for way, title in words.TITLES.items())


def test_the_headline_counts_rows_and_names_what_could_not_be_run(every_way, nothing):
    assert words.headline(every_way) == (
        "Worse: of the rows, 2 began to deviate, crash or hang, 1 can no longer be observed, 1 ended in an error of the suite, "
        "1 fail in another way, 1 answer otherwise, 1 fixed, 1 can be observed now; could not be run: unable"
    )
    assert words.headline(nothing) == "Nothing has changed"


def test_the_headline_of_what_is_no_worse(make):
    fixed = compare(make.record([make.row(Verdict.HANGS)]), make.record([make.row()]))
    assert words.headline(fixed) == "Nothing is worse; of the rows, 1 fixed"
    asked = compare(make.record([make.row(), make.row(scenario="It is gone")]), make.record([make.row()]))
    assert words.headline(asked) == "Nothing is worse; what was asked differs"


def test_rows_are_counted_by_pair_and_what_is_unchanged_together(every_way):
    one, two, same = words.overview(every_way)
    assert one == (
        "one: 1 row as before, 1 began to deviate, crash or hang, 1 can no longer be observed, 1 ended in an error of the suite, "
        "1 fail in another way, 1 answer otherwise, 1 fixed, 1 can be observed now, 1 seen in neither, 1 not asked any more, "
        "1 not asked before"
    )
    assert two == "two: 0 rows as before, 1 began to deviate, crash or hang"
    assert same == "same: 1 row as before"


def test_unchanged_pairs_share_a_line(make):
    rows = [make.row(implementation=name) for name in ("a", "b", "c")]
    found = compare(make.record(rows), make.record([*rows[:1], make.row(Verdict.HANGS, implementation="b"), *rows[2:]]))
    assert words.overview(found) == ["a, c: 1 row as before", "b: 0 rows as before, 1 began to deviate, crash or hang"]


def test_of_one_pair_the_libraries_are_told_and_of_several_the_runs(make, every_way):
    old, new = make.record([make.row(implementation="a")]), make.record([make.row(implementation="b")])
    single = compare(old, new)
    assert words.title(single) == "sslspec: a -> b"
    assert words.sides(single) == [("old", "a: Version of a"), ("new", "b: Version of b")]
    assert words.overview(single) == ["1 row as before"]
    assert words.title(every_way) == "sslspec: 3 implementations compared"
    assert words.sides(every_way)[0] == ("old", "2026-01-01T00:00:00+00:00, sslspec 0.1.0, 5 implementations")


def test_what_makes_a_difference_doubtful_is_noted(make):
    old, new = make.record([make.row()]), make.record([make.row(Verdict.HANGS)], tool="0.2.0", edition="openssl-3.0")
    clauses = (replace(make.clause(), stated={make.edition: (), "openssl-3.0": ()}),)
    identity = replace(old.implementations[0], files=(File("/a", "1"), File("/b", "2")))
    again = replace(identity, files=(File("/c", "2"), File("/d", "1")))
    old, new = replace(old, implementations=(identity,), clauses=clauses), replace(new, implementations=(again,), clauses=clauses)
    assert words.notes(compare(old, new)) == [
        "The records were made by sslspec 0.1.0 and 0.2.0: a difference may be the suite's own.",
        "Held to openssl-1.1.1 before and to openssl-3.0 now: one.",
        "one: the very same files, so the difference is not the library's.",
    ]
    assert words.notes(compare(old, old)) == []
    patched = replace(new, implementations=(replace(again, files=(File("/c", "3"),)),), tool=old.tool, edition=old.edition)
    assert words.notes(compare(old, patched)) == []


def test_all_that_are_held_to_another_edition_are_named(make):
    clauses = [make.clause(stated={make.edition: (), "openssl-3.0": ()})]
    rows = [make.row(implementation=name) for name in ("a", "b")]
    found = compare(make.record(rows, clauses), make.record(rows, clauses, edition="openssl-3.0"))
    assert words.notes(found) == ["Held to openssl-1.1.1 before and to openssl-3.0 now: a, b."]


def test_what_came_and_went_is_named(every_way):
    assert words.moves(every_way) == [
        ("unable could not be run", "no cc"),
        ("only in the old record", "gone"),
        ("only in the new record", "fresh"),
        ("rows not asked any more", "a-rule (1)"),
        ("rows not asked before", "a-rule (1)"),
    ]


def test_of_many_clauses_some_are_named_and_the_others_counted(make):
    many = [make.clause(f"c{number}") for number in range(9)]
    found = compare(make.record([make.row()]), make.record([make.row()], [make.clause(), *many]))
    assert words.moves(found) == [("new clauses", ", ".join(f"{make.page}/c{number}" for number in range(6)) + " and 3 more")]


def test_an_outcome_is_a_line():
    assert words.said(Outcome(Verdict.CONFORMS)) == "conforms"
    assert words.said(Outcome(Verdict.DEVIATES, "1 more", "2 more")) == "deviates: expected: 1 more; observed: 2 more"
    assert words.said(Outcome(Verdict.CRASHES, observed="SSL_free()")) == "crashes: SSL_free()"
    assert words.said(Outcome(Verdict.ANSWERED, answer="no")) == "answered: no"


def test_rows_that_were_not_run_are_called_so(make):
    rows = [make.row(), make.row(scenario="It is otherwise")]
    whole, partial = make.record(rows), make.record(rows[:1], partial=Partial(2))
    found = compare(whole, partial)
    assert words.headline(found) == "Worse: the new run was broken off before 1 row"
    assert words.counts(found.pairs[0]) == "1 row as before, 1 not run, where the new run was broken off"
    assert words.moves(found) == [("rows not run", "a-rule (1)")]
    sentence = "Partial: the run was broken off, and this has 1 of 2 rows. Not finished: one (1 of 2 rows)."
    assert words.notes(found) == [f"new: {sentence}"]
    earlier = compare(partial, whole)
    assert words.counts(earlier.pairs[0]) == "1 row as before, 1 not run before, where the old run was broken off"
    assert words.moves(earlier) == [("rows not run before", "a-rule (1)")]
    assert words.notes(earlier) == [f"old: {sentence}"]

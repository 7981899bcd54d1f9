from __future__ import annotations

import pytest

from sslspec.history import Change, Difference, History, Release, Said, Span, State
from sslspec.reports.history_words import become, called, grouped, ran, reach, said, some
from sslspec.verdicts import Verdict

OK, BAD, NONE = Said(Verdict.CONFORMS), Said(Verdict.DEVIATES, "it fell"), Said(Verdict.NOT_APPLICABLE)
OLD, NEW = Release("openssl-1.1.1", "1.1.1"), Release("openssl-debian", "3.0.22")


def change(*rows: tuple[str, Said | None, Said | None]) -> Change:
    return Change(OLD, NEW, tuple(Difference(f"a.feature::{title}", before, after) for title, before, after in rows))


def test_a_release_is_called_by_its_number_and_by_a_name_that_says_more():
    assert (called(OLD, "openssl"), called(NEW, "openssl")) == ("1.1.1", "3.0.22 (openssl-debian)")


@pytest.mark.parametrize(("releases", "says"), [((OLD,), "1.1.1"), ((OLD, NEW), "1.1.1 .. 3.0.22 (openssl-debian)")])
def test_a_span_reaches_from_the_first_to_the_last(releases, says):
    assert reach(Span(State(Verdict.CONFORMS, {}), releases), "openssl") == says


def test_of_many_the_ends_are_named():
    releases = [Release(f"openssl-3.0.{number}", f"3.0.{number}") for number in range(7)]
    assert some(releases[:6], "openssl") == "3.0.0, 3.0.1, 3.0.2, 3.0.3, 3.0.4, 3.0.5"
    assert some(releases, "openssl") == "3.0.0 .. 3.0.6 (7)"


@pytest.mark.parametrize(("what", "says"), [(OK, "conforms"), (BAD, "deviates: it fell"), (None, "not part of the run")])
def test_what_a_row_says(what, says):
    assert said(what) == says


def test_rows_that_say_the_same_are_one_group_and_what_is_done_otherwise_comes_first():
    found = change(("One", NONE, OK), ("Two", OK, BAD), ("Three", NONE, OK), ("Four", OK, BAD))
    assert [(group.after, group.titles) for group in grouped(found)] == [
        ("deviates: it fell", ("Two", "Four")),
        ("conforms", ("One", "Three")),
    ]
    assert become(found) == "2 rows do otherwise, 2 rows are seen from here on"
    assert become(change(("One", OK, BAD))) == "1 row does otherwise"


def test_a_history_of_nothing():
    assert ran(History("openssl", ())) == "no release was run"

from __future__ import annotations

from dataclasses import replace

from releases import CLAUSE, record

from sslspec.known import Change, Compared, Unexpected
from sslspec.record import Identity, Results
from sslspec.reports.html import render
from sslspec.reports.html.timeline import timelines

OK, BAD, NONE = "conforms", "deviates: it holds 2", "not-applicable"


def of(releases: dict[str, dict[str, str]], **more):
    return timelines(Results(record(releases, **more)))


def bars(timeline):
    return [(bar.cell.text, bar.width, bar.reach, bar.first) for _, clauses in timeline.groups for each in clauses for bar in each.bars]


def test_releases_that_do_the_same_are_one_bar():
    (timeline,) = of({"3.0.0": {"It": OK}, "1.1.1": {"It": OK}, "1.0.2q": {"It": BAD}})
    assert (timeline.family, timeline.heads, timeline.same) == ("openssl", ("1.0.2q", "1.1.1", "3.0.0"), ())
    assert bars(timeline) == [("DEVIATES", 1, "1.0.2q", "openssl-1.0.2q"), ("ok", 2, "1.1.1 .. 3.0.0", "openssl-1.1.1")]
    ((title, ((each,))),) = timeline.groups
    assert title == "done otherwise, or with another verdict"
    assert each.changes[0].title == "1.0.2q \u2192 1.1.1"
    assert each.changes[0].groups == ((("before", "deviates: it holds 2"), ("after", "conforms"), ("rows", "It")),)


def test_that_more_is_seen_stands_apart():
    (timeline,) = of({"1.1.0f": {"It": OK, "With 1.3": NONE}, "1.1.1": {"It": OK, "With 1.3": OK}})
    assert [title for title, _ in timeline.groups] == ["only more or less of it is seen"]
    (timeline,) = of({"1.1.0f": {"It": OK, "With 1.3": NONE}, "1.1.1": {"It": OK, "With 1.3": BAD}})
    assert [title for title, _ in timeline.groups] == ["done otherwise, or with another verdict"]


def test_what_never_changes_is_named():
    (timeline,) = of({"1.1.1": {"It": OK}, "3.0.0": {"It": OK}})
    assert (timeline.groups, timeline.same) == ((), (CLAUSE,))


def test_one_release_is_no_history():
    assert of({"1.1.1": {"It": OK}}) == ()
    model = replace(record({"1.1.1": {"It": OK}}), implementations=(Identity("openssl-1.1.1", "model", "", release="1.1.1"),))
    assert timelines(Results(model)) == ()


def test_a_bar_of_which_something_is_new_says_so():
    made = record({"1.1.1": {"It": BAD}, "3.0.0": {"It": BAD}, "3.1.0": {"It": OK}})
    for new, text in (((), "deviates"), (("openssl-3.0.0",), "DEVIATES")):
        unexpected = tuple(Unexpected(Change.NEW, name, CLAUSE.id, made.rows[0].key, "", "", "") for name in new)
        (timeline,) = timelines(Results(replace(made, compared=Compared("features", unexpected=unexpected))))
        assert [(bar.cell.text, bar.cell.new) for bar in timeline.groups[0][1][0].bars] == [(text, bool(new)), ("ok", False)]


def test_the_page_shows_it(parse):
    made = record({"1.0.2q": {"It": BAD}, "1.1.1": {"It": OK}, "3.0.0": {"It": OK}})
    page = parse(render(made))
    assert page.all("a", href="#history")
    cells = [(tag.text, tag.attributes["colspan"], tag.attributes["class"]) for tag in page.all("td") if "colspan" in tag.attributes]
    assert cells == [("DEVIATES", "1", "deviates new"), ("ok", "2", "conforms")]
    assert page.all("a", href="#cell/SSL_set_session.3/a-rule/openssl-1.1.1")


def test_a_page_without_a_history_has_no_view_of_it(full, parse):
    page = parse(render(full))
    assert not page.all("a", href="#history")
    assert not page.all("section", id="history")

"""What is said of releases that were run, and what is not said of those that were not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from releases import CLAUSE, QUESTION, record

from sslspec.history import Difference, Kind, Line, Release, Said, families, history, seen_clauses, wanted
from sslspec.record import Identity, Invariant, Results
from sslspec.verdicts import Verdict

OK, BAD = "conforms", "deviates: it holds 2"


def line(says: dict[str, str | None], *, failed: tuple[str, ...] = ()) -> Line:
    """Return a line on which each release says a word; None for one that was not run."""
    ran = {release: {"A row": word} for release, word in says.items() if word}
    others = [Release(f"openssl-{each}", each, "it breaks" if each in failed else "") for each, word in says.items() if not word]
    return history("openssl", [CLAUSE], [Results(record(ran))], others).lines[0]


def numbers(releases) -> str:
    return " ".join(release.release for release in releases)


def spans(of: Line) -> list[tuple[str, str, str]]:
    return [(numbers(span.releases), numbers(span.unrun), span.state.verdict.value) for span in of.spans]


def test_neighbours_that_say_the_same_are_one_span():
    found = line({"1.0.2q": BAD, "1.1.0f": OK, "1.1.1k": OK, "3.0.0": BAD})
    assert spans(found) == [("1.0.2q", "", "deviates"), ("1.1.0f 1.1.1k", "", "conforms"), ("3.0.0", "", "deviates")]
    assert [(each.before.release, each.after.release) for each in found.changes] == [("1.0.2q", "1.1.0f"), ("1.1.1k", "3.0.0")]


def test_order_is_that_of_releases_not_of_words():
    assert numbers(history("openssl", [CLAUSE], [Results(record({"3.0.10": {}, "3.0.9": {}, "1.1.1k": {}, "1.1.1": {}}))]).releases) == ""
    found = line({"3.0.10": OK, "1.1.1k": OK, "3.0.9": OK, "1.1.1": OK})
    assert spans(found) == [("1.1.1 1.1.1k 3.0.9 3.0.10", "", "conforms")]


def test_what_lies_between_equal_ones_is_named_and_has_no_state():
    found = line({"3.0.0": None, "3.0.1": OK, "3.0.2": None, "3.0.3": OK, "3.0.4": None, "3.0.5": BAD, "3.0.6": None})
    assert spans(found) == [("3.0.1 3.0.3", "3.0.2", "conforms"), ("3.0.5", "", "deviates")]
    assert numbers(found.changes[0].unrun) == "3.0.4"
    assert numbers(found.unknown) == "3.0.0 3.0.4 3.0.6"
    assert {point.release.release for point in found.points if point.state} == {"3.0.1", "3.0.3", "3.0.5"}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("conforms", "deviates: it fell", Kind.OTHERWISE),
        ("deviates: it fell", "deviates: it rose", Kind.OTHERWISE),
        ("crashes: in SSL_free", "crashes: in SSL_new", Kind.OTHERWISE),
        ("not-applicable", "deviates: it fell", Kind.FIRST_SEEN),
        ("conforms", "not-observable: marked", Kind.LOST),
        ("not-applicable", "not-observable", Kind.REASON),
        ("error: KeyError", "error: ValueError", Kind.REASON),
    ],
)
def test_a_change_says_what_becomes_of_a_row(before, after, kind):
    (change,) = line({"1.1.0f": before, "1.1.1": after}).changes
    assert [(each.row, each.kind) for each in change.rows] == [("SSL_set_session.3/a.feature::A row", kind)]


def test_only_the_rows_that_differ_are_named():
    releases = {"1.1.0f": {"One": OK, "Two": OK, "Three": "not-applicable"}, "1.1.1": {"One": OK, "Two": BAD, "Three": OK}}
    (change,) = history("openssl", [CLAUSE], [Results(record(releases))]).lines[0].changes
    assert [each.row.partition("::")[2] for each in change.rows] == ["Two", "Three"]
    assert change.rows[0] == Difference(change.rows[0].row, Said(Verdict.CONFORMS), Said(Verdict.DEVIATES, "it holds 2"))


def test_the_same_verdict_with_another_answer_is_a_change():
    releases = {"1.1.1": {"It": "returns 1"}, "3.0.0": {"It": "returns 0"}, "3.0.1": {"It": "returns 0"}}
    found = history("openssl", [QUESTION], [Results(record(releases, clause=QUESTION))]).lines[0]
    assert spans(found) == [("1.1.1", "", "answered"), ("3.0.0 3.0.1", "", "answered")]


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [("returns 1", "returns 0", True), ("not-applicable", "returns 0", False), ("returns 1", "returns 1", False)],
)
def test_what_differs_and_what_is_only_seen(before, after, differs):
    for more in ("returns 2", "not-applicable"):
        releases = {"1.1.1": {"It": before, "Other": more, "Third": "yes"}, "3.0.0": {"It": after, "Other": "returns 2", "Third": "yes"}}
        found = history("openssl", [QUESTION], [Results(record(releases, clause=QUESTION))]).lines[0]
        assert found.differs is differs


def test_why_a_row_could_not_be_seen_is_no_change():
    found = line({"1.1.1": "not-observable: no such function", "3.0.0": "not-observable: no such symbol"})
    assert len(found.spans) == 1


def test_an_invariant_that_a_row_breaks_is_what_the_row_says_of_it():
    made = record({"1.1.1": {"It": OK}, "3.0.0": {"It": OK}})
    broken = replace(made.rows[1], clauses=(), invariants=(Invariant(CLAUSE.id, 3, "expected: 0 or 1; observed: 7"),))
    whole = replace(made.rows[0], clauses=(), invariants=(Invariant(CLAUSE.id, 3),))
    (change,) = history("openssl", [CLAUSE], [Results(replace(made, rows=(whole, broken)))]).lines[0].changes
    assert [(each.before, each.after) for each in change.rows] == [(None, Said(Verdict.DEVIATES, "expected: 0 or 1; observed: 7"))]


def test_a_release_that_is_unknown_has_no_place_and_is_named():
    made = record({"1.1.1": {"It": OK}})
    mine = Identity("mine", "openssl", "my own")
    found = history("openssl", [CLAUSE], [Results(replace(made, implementations=(*made.implementations, mine)))])
    assert (numbers(found.run), found.unordered) == ("1.1.1", ("mine",))


def test_several_runs_are_one_line_and_what_was_run_is_not_also_a_candidate():
    runs = [Results(record({"1.1.1": {"It": OK}})), Results(record({"3.0.0": {"It": BAD}}))]
    found = history("openssl", [CLAUSE], runs, [Release("openssl-3.0.0", "3.0.0"), Release("openssl-3.0.1", "3.0.1")])
    assert (numbers(found.run), numbers(found.releases)) == ("1.1.1 3.0.0", "1.1.1 3.0.0 3.0.1")


def test_families_and_clauses_of_a_record():
    made = record({"1.1.1": {"It": "not-applicable"}})
    made = replace(made, implementations=(Identity("model", "model", ""), *made.implementations))
    assert families(made) == ["openssl"]
    assert seen_clauses(Results(made), "openssl") == []
    assert seen_clauses(Results(record({"1.1.1": {"It": OK}})), "openssl") == [CLAUSE]
    assert history("openssl", [], []).releases == ()


# What to run next


def search(truth: dict[str, str], ready: tuple[str, ...] = (), broken: tuple[str, ...] = (), **how: bool) -> tuple[list[str], Line]:
    """Run what is wanted until nothing is, and return that and the line in the end. truth: what each release would say."""
    says: dict[str, str | None] = {release: word if release in ready else None for release, word in truth.items()}
    failed: list[str] = []
    asked: list[str] = []
    while following := wanted([line(says, failed=tuple(failed))], **how):
        assert following.release not in asked
        asked.append(following.release)
        if following.release in broken:
            failed.append(following.release)
        else:
            says[following.release] = truth[following.release]
    return asked, line(says, failed=tuple(failed))


def releases(branch: str, changed: int, count: int = 16) -> dict[str, str]:
    return {f"{branch}.{number}": BAD if number < changed else OK for number in range(count)}


@pytest.mark.parametrize("changed", range(1, 16))
def test_bisection_finds_a_change_in_few_steps(changed):
    asked, found = search(releases("3.0", changed))
    assert asked[:2] == ["3.0.0", "3.0.15"]
    assert len(asked) <= 2 + 4
    (change,) = found.changes
    assert (change.before.release, change.after.release, change.unrun) == (f"3.0.{changed - 1}", f"3.0.{changed}", ())


def test_what_is_equal_at_both_ends_is_not_searched_and_not_claimed():
    asked, found = search(dict.fromkeys(releases("3.0", 0), OK))
    assert asked == ["3.0.0", "3.0.15"]
    assert len(found.spans[0].unrun) == 14


def test_what_is_ready_splits_what_looks_equal():
    truth = {**releases("3.0", 5), "3.0.12": BAD, "3.0.13": BAD}
    asked, found = search(truth, ready=("3.0.0", "3.0.12", "3.0.15"))
    assert [(each.before.release, each.after.release) for each in found.changes] == [("3.0.13", "3.0.14")]
    assert "3.0.5" not in asked


def test_the_ends_of_branches_show_a_correction_that_one_of_them_lacks():
    truth = {**releases("3.0", 9), **dict.fromkeys(releases("3.1", 0, 4), BAD), **releases("3.2", 2, 4)}
    blind, found = search(truth, ready=("3.0.15",))
    assert "3.1.3" not in blind
    asked, found = search(truth, ready=("3.0.15",), branches=True)
    assert {"3.0.0", "3.1.0", "3.1.3", "3.2.0", "3.2.3"} <= set(asked)
    assert [(each.before.release, each.after.release) for each in found.changes] == [
        ("3.0.8", "3.0.9"),
        ("3.0.15", "3.1.0"),
        ("3.2.1", "3.2.2"),
    ]


def test_what_cannot_be_run_is_passed_over_and_stays_unknown():
    asked, found = search(releases("3.0", 8), broken=("3.0.8", "3.0.15"))
    assert asked[:3] == ["3.0.0", "3.0.15", "3.0.14"]
    (change,) = found.changes
    assert (change.before.release, numbers(change.unrun), change.after.release) == ("3.0.7", "3.0.8", "3.0.9")
    assert len(asked) == len(set(asked))


def test_nothing_is_wanted_of_nothing():
    assert wanted([]) is None
    assert search({"3.0.0": OK}, ready=("3.0.0",))[0] == []


@pytest.mark.parametrize(
    ("release", "branch"), [("1.0.2q", "1.0.2"), ("1.1.1", "1.1.1"), ("3.0.17", "3.0"), ("0.20260512.0", "0.20260512.0")]
)
def test_branches(release, branch):
    assert Release("it", release).branch == branch

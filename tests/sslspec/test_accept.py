"""What a run makes of what was expected: written as releases and rows, before any file is touched."""

from __future__ import annotations

import re

import pytest
from expected import (
    ALWAYS,
    ASKED,
    BROKEN,
    PATTERN,
    REASON,
    RULE,
    answers,
    breaks,
    compared,
    entry,
    expectations,
    fails,
    key,
    row,
)
from hypothesis import given
from hypothesis import strategies as st

from sslspec.accept import Accepted, accepted, pattern_of, with_answer
from sslspec.expectations import KnownDeviation, answer_of, one_line
from sslspec.known import compare
from sslspec.record import Invariant, Record, Row
from sslspec.releases import Range, comparable
from sslspec.verdicts import Verdict


def of(*rows: Row, entries: tuple[KnownDeviation, ...] = (), family: str = "double", kept: dict[str, str] | None = None) -> Accepted:
    expected = expectations(*entries, answers=kept)
    (result,) = accepted(compared(expected, *rows, family=family), expected)
    return result


def shown(entries: list[KnownDeviation | None]) -> list[tuple[str, tuple[str, ...]] | None]:
    """Return the ranges and the rows of entries."""
    return [each and (each.versions, tuple(row.partition("::")[2] for row in each.rows)) for each in entries]


class TestWhatIsNew:
    def test_of_one_release_becomes_an_entry(self) -> None:
        result = of(fails("1.1.1k"), fails("1.1.1k", "two"), row("1.1.1k", "three"))
        (new,) = result.added
        assert (new.clause, new.verdict, new.reason, new.versions) == (RULE, Verdict.DEVIATES, PATTERN, "==1.1.1k")
        assert (new.rows, new.why) == ((key("one"), key("two")), "")

    def test_of_releases_that_follow_each_other_is_one_entry(self) -> None:
        result = of(*(fails(release) for release in ("3.0.0", "1.1.1k", "1.1.1w")))
        assert shown(result.added) == [(">=1.1.1k,<=3.0.0", ("one",))]

    def test_with_a_release_in_between_that_does_not_is_two(self) -> None:
        result = of(fails("1.1.1k"), row("1.1.1w"), fails("3.0.0"))
        assert shown(result.added) == [("==1.1.1k", ("one",)), ("==3.0.0", ("one",))]

    def test_with_a_release_in_between_that_cannot_be_seen_is_one(self) -> None:
        result = of(fails("1.1.1k"), row("1.1.1w", verdict=Verdict.NOT_OBSERVABLE), fails("3.0.0"))
        assert shown(result.added) == [(">=1.1.1k,<=3.0.0", ("one",))]

    def test_in_a_row_that_an_older_release_lacks_is_one_cause(self) -> None:
        result = of(fails("1.0.2q"), row("1.0.2q", "two", Verdict.NOT_APPLICABLE), fails("1.1.1k"), fails("1.1.1k", "two"))
        assert shown(result.added) == [(">=1.0.2q,<=1.1.1k", ("one", "two"))]

    def test_for_two_reasons_is_two_entries(self) -> None:
        result = of(fails("1.1.1k"), fails("1.1.1k", "two", reason="another"), row("1.1.1k", "three", Verdict.HANGS, reason="another"))
        assert [(each.verdict, each.reason) for each in result.added] == [
            (Verdict.DEVIATES, PATTERN),
            (Verdict.DEVIATES, "another"),
            (Verdict.HANGS, "another"),
        ]

    def test_of_an_invariant_is_an_entry_for_any_row(self) -> None:
        (new,) = of(breaks("1.1.1k"), breaks("1.1.1k", "two"), row("1.1.1k", "three")).added
        assert (new.clause, new.rows, new.reason) == (ALWAYS, (), pattern_of(BROKEN))

    def test_without_a_release_is_an_entry_without_a_range(self) -> None:
        assert shown(of(fails("?mine")).added) == [("", ("one",))]

    def test_without_a_release_is_left_where_others_of_the_family_do_otherwise(self) -> None:
        result = of(fails("?mine"), row("1.1.1k"))
        assert (result.added, len(result.left)) == ([], 1)
        assert "mine, but its number is unknown and others of the family do not: enter it by hand" in result.left[0]

    def test_is_left_where_two_builds_of_a_release_differ(self) -> None:
        result = of(fails("1.1.1k"), row("1.1.1k?mine"))
        left = f"{RULE} deviates on 1.1.1k, 1.1.1k?mine, but another build of it does not: enter it by hand"
        assert (result.added, result.left) == ([], [left])

    @pytest.mark.parametrize(
        ("versions", "release", "wider"),
        [("==1.1.1k", "1.1.1w", ">=1.1.1k,<=1.1.1w"), (">=1.1.1,<3.0", "3.0.0", ">=1.1.1,<=3.0.0"), ("!=1.1.1k", "1.1.1k", "")],
    )
    def test_of_a_known_cause_widens_its_entry(self, versions: str, release: str, wider: str) -> None:
        before = entry(versions, ("one", "two"))
        result = of(fails(release), row(release, "two", Verdict.NOT_OBSERVABLE), entries=(before,))
        assert result.added == []
        assert shown(result.entries) == [(wider, ("one", "two"))]
        assert result.entries[0].why == before.why

    @pytest.mark.parametrize("versions", ["~=1.1.1", "==1.1.1.*"])
    def test_beside_a_range_without_simple_ends_is_an_entry_of_its_own(self, versions: str) -> None:
        assert shown(of(fails("3.0.0"), entries=(entry(versions),)).added) == [("==3.0.0", ("one",))]

    def test_does_not_widen_an_entry_over_a_release_that_conforms(self) -> None:
        result = of(row("1.1.1w"), fails("3.0.0"), entries=(entry("==1.1.1k"),))
        assert shown(result.entries) == [("==1.1.1k", ("one",))]
        assert shown(result.added) == [("==3.0.0", ("one",))]

    def test_does_not_widen_an_entry_whose_other_rows_conform(self) -> None:
        result = of(fails("3.0.0"), row("3.0.0", "two"), entries=(entry("==1.1.1k", ("one", "two")),))
        assert shown(result.entries) == [("==1.1.1k", ("one", "two"))]
        assert shown(result.added) == [("==3.0.0", ("one",))]

    def test_of_an_invariant_widens_its_entry(self) -> None:
        result = of(breaks("3.0.0"), entries=(entry("==1.1.1k", (), clause=ALWAYS, reason=pattern_of(BROKEN)),))
        assert shown(result.entries) == [(">=1.1.1k,<=3.0.0", ())]

    def test_beside_what_is_known_is_an_entry_of_its_own(self) -> None:
        both = fails("3.0.0", invariants=(Invariant(ALWAYS, 1, REASON),))
        result = of(both, entries=(entry("==1.1.1k"),))
        assert shown(result.entries) == [(">=1.1.1k,<=3.0.0", ("one",))]
        assert [(each.clause, each.versions) for each in result.added] == [(ALWAYS, "==3.0.0")]
        result = of(both, entries=(entry("==3.0.0", reason=".*"),))
        assert [each.clause for each in result.added] == [ALWAYS]

    def test_in_a_row_that_an_entry_does_not_list_is_an_entry_of_its_own(self) -> None:
        result = of(fails("3.0.0"), fails("3.0.0", "two"), entries=(entry("==1.1.1k"),))
        assert shown(result.entries) == [("==1.1.1k", ("one",))]
        assert shown(result.added) == [("==3.0.0", ("one", "two"))]


class TestWhatIsNoLonger:
    @pytest.mark.parametrize(
        ("versions", "left"),
        [("==1.1.1k", None), (">=1.1.1k", ">1.1.1k"), ("<=1.1.1k", "<1.1.1k"), (">=1.1.1,<3.0", ">=1.1.1,<3.0,!=1.1.1k"), ("", "!=1.1.1k")],
    )
    def test_leaves_the_range(self, versions: str, left: str | None) -> None:
        result = of(row("1.1.1k"), entries=(entry(versions),))
        assert shown(result.entries) == [None if left is None else (left, ("one",))]
        assert result.added == []

    def test_in_some_rows_goes_on_in_the_others_with_the_same_words(self) -> None:
        result = of(row("1.1.1k"), fails("1.1.1k", "two"), entries=(entry(">=1.1.1,<3.0", ("one", "two")),))
        assert shown(result.entries) == [(">=1.1.1,<3.0,!=1.1.1k", ("one", "two"))]
        assert shown(result.added) == [("==1.1.1k", ("two",))]
        assert result.added[0].why == "Because."

    def test_in_some_rows_of_an_entry_about_this_release_alone_shortens_it(self) -> None:
        result = of(row("1.1.1k"), fails("1.1.1k", "two"), entries=(entry("==1.1.1k", ("one", "two")),))
        assert shown(result.entries) == [("==1.1.1k", ("two",))]
        assert result.added == []

    def test_in_some_rows_of_several_releases_is_one_more_entry(self) -> None:
        rows = [each for release in ("1.1.1k", "1.1.1l") for each in (row(release), fails(release, "two"))]
        result = of(*rows, entries=(entry(">=1.1.1,<3.0", ("one", "two")),))
        assert shown(result.added) == [(">=1.1.1k,<=1.1.1l", ("two",))]

    def test_in_a_row_that_could_not_be_seen_stays(self) -> None:
        result = of(row("1.1.1k"), row("1.1.1k", "two", Verdict.NOT_OBSERVABLE), entries=(entry("==1.1.1k", ("one", "two")),))
        assert shown(result.entries) == [("==1.1.1k", ("two",))]

    def test_for_the_same_reason_is_a_new_entry_and_a_shorter_range(self) -> None:
        result = of(fails("1.1.1k", reason="another"), entries=(entry(">=1.1.1,<3.0"),))
        assert shown(result.entries) == [(">=1.1.1,<3.0,!=1.1.1k", ("one",))]
        assert [(each.reason, each.versions, each.why) for each in result.added] == [("another", "==1.1.1k", "")]

    def test_on_a_library_without_a_number_is_left(self) -> None:
        result = of(row("?mine"), entries=(entry(),))
        assert shown(result.entries) == [("", ("one",))]
        assert "its number is unknown: change it by hand" in result.left[0]

    def test_on_one_of_two_builds_is_left(self) -> None:
        result = of(row("1.1.1k"), fails("1.1.1k?mine"), entries=(entry("==1.1.1k"),))
        assert shown(result.entries) == [("==1.1.1k", ("one",))]
        assert "two builds of it differ: change it by hand" in result.left[0]


def test_nothing_is_made_of_what_is_as_expected() -> None:
    result = of(fails("1.1.1k"), row("1.1.1k", "two"), row("3.0.0"), entries=(entry("<3.0"),))
    assert (shown(result.entries), result.added, result.left) == ([("<3.0", ("one",))], [], [])


def test_the_model_is_held_to_the_page() -> None:
    assert accepted(compared(expectations(), fails("1.1.1k"), family="model"), expectations()) == []


def test_a_family_that_cannot_be_a_file_is_left() -> None:
    result = of(fails("1.1.1k"), family="../openssl")
    assert (result.added, result.left) == ([], ["'../openssl' cannot be the name of a file, so nothing is kept of that family"])


RELEASES = ("", "1.0.2q", "1.1.1k", "1.1.1w", "3.0.0", "3.5.8")
OUTCOMES = st.sampled_from(["fails", "fails otherwise", "conforms", "cannot be seen"])


@given(st.lists(st.tuples(st.sampled_from(RELEASES[1:]), st.sampled_from(["one", "two"]), OUTCOMES), unique_by=lambda each: each[:2]))
def test_what_was_accepted_is_as_expected(run: list[tuple[str, str, str]]) -> None:
    before = (entry(">=1.1.1,<3.0", ("one", "two")), entry(">=3.5", reason="another", name="deviations/double.toml, entry 2"))
    record = _record(run)
    if not record.rows:
        return
    expected = expectations(*before)
    (result,) = accepted(compare(record, expected), expected)
    after = [each for each in (*result.entries, *result.added) if each]
    assert result.left == []
    assert compare(record, expectations(*after)).compared.unexpected == ()


def _record(run: list[tuple[str, str, str]]) -> Record:
    made = {
        "fails": fails,
        "fails otherwise": lambda release, title: fails(release, title, reason="another"),
        "conforms": row,
        "cannot be seen": lambda release, title: row(release, title, Verdict.NOT_OBSERVABLE),
    }
    return compared(expectations(), *(made[outcome](release, title) for release, title, outcome in run))


class TestPatterns:
    @given(st.text())
    def test_match_what_they_were_made_of(self, reason: str) -> None:
        assert re.fullmatch(pattern_of(reason), one_line(reason))

    def test_leave_the_numbers_of_objects_open(self) -> None:
        assert re.fullmatch(pattern_of(REASON), REASON.replace("client2", "client7"))
        assert not re.fullmatch(pattern_of(REASON), REASON.replace("2 more", "3 more"))
        assert not re.fullmatch(pattern_of("a.b"), "axb")

    def test_are_readable(self) -> None:
        assert pattern_of("it's 1: SSL_free(ctx1), \x00 'a'") == r"it's 1: SSL_free\(ctx\d+\), . 'a'"


class TestAnswers:
    @pytest.mark.parametrize(
        ("kept", "release", "given", "after"),
        [
            ({}, "1.1.1k", "yes", {"==1.1.1k": "yes"}),
            ({"==1.1.1k": "yes"}, "1.1.1k", "yes", {"==1.1.1k": "yes"}),
            ({"==1.1.1.*": "yes"}, "1.1.1k", "yes", {"==1.1.1.*": "yes"}),
            ({"==1.1.1k": "yes"}, "3.0.0", "yes", {">=1.1.1k,<=3.0.0": "yes"}),
            ({"==1.1.1k": "yes"}, "1.0.2q", "yes", {">=1.0.2q,<=1.1.1k": "yes"}),
            ({"==1.1.1k": "yes"}, "3.0.0", "no", {"==1.1.1k": "yes", "==3.0.0": "no"}),
            ({"==1.1.1k": "yes"}, "1.1.1k", "no", {"==1.1.1k": "no"}),
            ({"==1.0.2q": "no", "==3.0.0": "yes"}, "1.1.1k", "yes", {"==1.0.2q": "no", ">=1.1.1k,<=3.0.0": "yes"}),
            ({"==1.0.2q": "yes", "==3.0.0": "yes"}, "1.1.1k", "yes", {">=1.0.2q,<=3.0.0": "yes"}),
            (
                {">=1.0.2q,<=3.0.0": "yes"},
                "1.1.1k",
                "no",
                {">=1.0.2q,<1.1.1k": "yes", "==1.1.1k": "no", ">1.1.1k,<=3.0.0": "yes"},
            ),
            ({">=1.0.2q,<1.1.1k": "yes", "==1.1.1k": "no", ">1.1.1k,<=3.0.0": "yes"}, "1.1.1k", "yes", {">=1.0.2q,<=3.0.0": "yes"}),
            ({}, "", "yes", {"": "yes"}),
            ({"": "yes", "==1.1.1k": "no"}, "", "no", {"": "no", "==1.1.1k": "no"}),
            ({"": "yes"}, "1.1.1k", "yes", {"": "yes", "==1.1.1k": "yes"}),
            ({"": "yes"}, "1.1.1k", "no", {"": "yes", "==1.1.1k": "no"}),
            ({">=1.1.1": "yes"}, "1.0.2q", "no", {"==1.0.2q": "no", ">=1.1.1": "yes"}),
        ],
    )
    def test_are_kept_in_ranges(self, kept: dict[str, str], release: str, given: str, after: dict[str, str]) -> None:
        found = with_answer([(Range(text), answer) for text, answer in kept.items()], release, given)
        assert [(range_.text, answer) for range_, answer in found] == list(after.items())

    @given(st.lists(st.tuples(st.sampled_from(RELEASES), st.sampled_from(["yes", "no"])), max_size=12))
    def test_the_last_one_given_is_the_one_that_is_kept(self, run: list[tuple[str, str]]) -> None:
        kept: list[tuple[Range, str]] = []
        for release, answer in run:
            kept = with_answer(kept, release, answer)
        given_last = dict(run)
        assert {release: answer_of(release, kept) for release in given_last} == given_last
        bounds = [range_.ends() for range_, _ in kept if range_.text]
        assert all(comparable(low) <= comparable(high) for low, high in bounds)

    def test_of_a_run_are_those_of_its_rows(self) -> None:
        result = of(answers("1.1.1k", "yes"), answers("3.0.0", "yes"), row("1.1.1k"), kept={"==1.0.2q": "no"})
        assert result.answers == {(ASKED, key("asks")): [(Range("==1.0.2q"), "no"), (Range(">=1.1.1k,<=3.0.0"), "yes")]}

    def test_of_two_builds_that_differ_are_left(self) -> None:
        result = of(answers("1.1.1k", "yes"), answers("1.1.1k?mine", "no"))
        assert (result.answers, len(result.left)) == ({}, 1)
        assert "answers in two ways" in result.left[0]

"""Every way in which a row can stand to what is expected of it."""

from __future__ import annotations

from typing import Any

import pytest
from expected import (
    ALWAYS,
    ASKED,
    BROKEN,
    ENTRY,
    PATTERN,
    REASON,
    ROWS,
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

from sslspec.known import Change, Unexpected, failures
from sslspec.record import Invariant, Results, Row
from sslspec.verdicts import FAILED, Verdict

RELEASE = "1.1.1k"
UNSEEN = (Verdict.NOT_OBSERVABLE, Verdict.NOT_IMPLEMENTED, Verdict.NOT_APPLICABLE, Verdict.DISABLED)


def found(*rows: Row, entries: tuple[Any, ...] = (), **kept: Any) -> tuple[Unexpected, ...]:
    return compared(expectations(*entries, **kept), *rows).compared.unexpected


def changes(*rows: Row, entries: tuple[Any, ...] = (), **kept: Any) -> list[Change]:
    return [each.change for each in found(*rows, entries=entries, **kept)]


class TestAFailure:
    @pytest.mark.parametrize("verdict", sorted(FAILED))
    def test_that_nobody_entered_is_new(self, verdict: Verdict) -> None:
        (new,) = found(row(RELEASE, verdict=verdict, reason="it did"))
        assert new == Unexpected(Change.NEW, RELEASE, RULE, key("one"), "", "", f"{verdict}: it did")

    def test_that_an_entry_describes_is_known(self) -> None:
        record = compared(expectations(entry(">=1.1.1,<3.0")), fails(RELEASE))
        assert record.compared.unexpected == ()
        assert record.rows[0].known == (ENTRY,)
        assert [each.name for each in record.compared.entries] == [ENTRY]

    def test_in_a_row_that_no_entry_lists_is_new(self) -> None:
        assert changes(fails(RELEASE, "two"), entries=(entry(),)) == [Change.NEW]

    @pytest.mark.parametrize("versions", ["<1.1.1", ">=3.0", "!=1.1.1k"])
    def test_of_a_release_that_no_entry_is_about_is_new(self, versions: str) -> None:
        record = compared(expectations(entry(versions)), fails(RELEASE))
        assert [each.change for each in record.compared.unexpected] == [Change.NEW]
        assert record.compared.entries == ()

    def test_of_another_family_is_new(self) -> None:
        assert changes(fails(RELEASE), entries=(entry(family="another"),)) == [Change.NEW]

    def test_of_a_library_without_a_number_is_known_by_entries_without_a_range(self) -> None:
        assert changes(fails("?mine"), entries=(entry(),)) == []
        assert changes(fails("?mine"), entries=(entry(">=0"),)) == [Change.NEW]

    @pytest.mark.parametrize("reason", [f"{REASON} and more", "expected: 1 more", ""])
    def test_for_another_reason_is_no_longer_as_known(self, reason: str) -> None:
        (changed,) = found(fails(RELEASE, reason=reason), entries=(entry(),))
        expected, observed = f"deviates: {PATTERN}", f"deviates: {reason}"
        assert changed == Unexpected(Change.NO_LONGER, RELEASE, RULE, key("one"), ENTRY, expected, observed)

    def test_of_another_kind_is_no_longer_as_known(self) -> None:
        (changed,) = found(row(RELEASE, verdict=Verdict.CRASHES, reason=REASON), entries=(entry(),))
        assert (changed.change, changed.observed) == (Change.NO_LONGER, f"crashes: {REASON}")

    def test_numbers_of_objects_are_the_pattern_s_business(self) -> None:
        assert changes(fails(RELEASE, reason=REASON.replace("client2", "client31")), entries=(entry(),)) == []

    def test_of_the_same_clause_for_another_reason_is_new(self) -> None:
        listed = entry(clause=ALWAYS, rows=(), reason="expected: 0 or 1; .*")
        twice = (Invariant(ALWAYS, 1, BROKEN), Invariant(ALWAYS, 1, "another way"))
        (new,) = found(row(RELEASE, invariants=twice), entries=(listed,))
        assert (new.change, new.observed) == (Change.NEW, "deviates: another way")

    def test_is_known_by_one_of_two_entries_and_the_other_has_to_go(self) -> None:
        other = entry(reason="something else", name="deviations/double.toml, entry 2")
        (changed,) = found(fails(RELEASE), entries=(entry(), other))
        assert (changed.change, changed.entry) == (Change.NO_LONGER, other.name)


class TestWhatWasKnown:
    def test_and_conforms_is_no_longer_as_known(self) -> None:
        (changed,) = found(row(RELEASE), entries=(entry(),))
        assert (changed.change, changed.entry, changed.observed) == (Change.NO_LONGER, ENTRY, "conforms")

    @pytest.mark.parametrize("verdict", UNSEEN)
    def test_and_could_not_be_seen_is_counted(self, verdict: Verdict) -> None:
        record = compared(expectations(entry(rows=("one", "two"))), row(RELEASE, verdict=verdict), fails(RELEASE, "two"))
        (missed,) = record.compared.not_seen
        assert (missed.entry, missed.implementation, missed.rows) == (ENTRY, RELEASE, (key("one"),))
        assert record.compared.unexpected == ()

    def test_and_was_not_part_of_the_run_is_nothing(self) -> None:
        record = compared(expectations(entry(rows=("one", "two"))), fails(RELEASE, "two"))
        assert (record.compared.unexpected, record.compared.not_seen) == ((), ())


class TestAnInvariant:
    def test_that_was_broken_is_new(self) -> None:
        (new,) = found(breaks(RELEASE))
        assert new == Unexpected(Change.NEW, RELEASE, ALWAYS, key("one"), "", "", f"deviates: {BROKEN}")

    def test_that_was_broken_in_a_row_that_deviates_makes_two_failures(self) -> None:
        both = fails(RELEASE, invariants=(Invariant(ALWAYS, 1, BROKEN),))
        assert [failure.clauses for failure in failures(both)] == [(RULE,), (ALWAYS,)]
        assert [each.clause for each in found(both, entries=(entry(),))] == [ALWAYS]

    def test_is_known_in_any_row_by_an_entry_without_rows(self) -> None:
        anywhere = entry(rows=(), clause=ALWAYS, reason="expected: 0 or 1; .*")
        assert changes(breaks(RELEASE), breaks(RELEASE, "two"), row(RELEASE, "three"), entries=(anywhere,)) == []
        assert changes(breaks(RELEASE, broken="another way"), entries=(anywhere,)) == [Change.NEW]

    def test_that_nothing_breaks_any_more_is_no_longer_as_known(self) -> None:
        anywhere = entry(rows=(), clause=ALWAYS, reason=".*")
        checks = (Invariant(ALWAYS, 3), Invariant("SSL_page.3/another", 1))
        checked = [
            Row(RELEASE, name.key.split("::")[0], 3, name.title, (), name.clauses, Verdict.CONFORMS, invariants=checks) for name in ROWS
        ]
        (changed,) = found(*checked, entries=(anywhere,))
        assert (changed.change, changed.row, changed.observed) == (Change.NO_LONGER, "", f"held on all of {3 * len(ROWS)} calls")
        assert [each.row for each in found(*checked, entries=(entry(clause=ALWAYS, reason=".*"),))] == [key("one")]

    def test_that_a_part_of_the_rows_does_not_break_says_nothing(self) -> None:
        anywhere = entry(rows=(), clause=ALWAYS, reason=".*")
        assert changes(row(RELEASE, invariants=(Invariant(ALWAYS, 3),)), entries=(anywhere,)) == []

    def test_that_held_in_a_row_that_is_listed_is_no_longer_as_known(self) -> None:
        listed = entry(clause=ALWAYS, reason=".*")
        assert changes(row(RELEASE, invariants=(Invariant(ALWAYS, 3),)), entries=(listed,)) == [Change.NO_LONGER]
        assert changes(row(RELEASE), entries=(listed,)) == []
        others = (Invariant(ALWAYS, 0), Invariant("SSL_page.3/another", 3))
        assert changes(row(RELEASE, invariants=others), entries=(listed,)) == []

    def test_that_held_up_to_a_crash_says_nothing(self) -> None:
        crashed = row(RELEASE, verdict=Verdict.CRASHES, invariants=(Invariant(ALWAYS, 3),))
        assert changes(crashed, entries=(entry(clause=ALWAYS, reason=".*"),)) == [Change.NEW]  # the crash, and nothing of the entry


class TestAnAnswer:
    @pytest.mark.parametrize("kept", [{"==1.1.1k": "yes"}, {">=1.1.1": "yes"}, {"": "yes"}, {"": "no", "==1.1.1k": "yes"}])
    def test_that_was_kept_is_as_expected(self, kept: dict[str, str]) -> None:
        record = compared(expectations(answers=kept), answers(RELEASE, "yes"))
        assert (record.compared.unexpected, record.compared.not_compared) == ((), {})

    def test_that_is_another_one_has_changed(self) -> None:
        (changed,) = found(answers(RELEASE, "no"), answers={">=1.1.1,<3.0": "yes", ">=3.0": "no"})
        assert changed == Unexpected(Change.ANSWER, RELEASE, ASKED, key("asks"), "answers/double.toml", "yes", "no")

    @pytest.mark.parametrize("name", [RELEASE, "?mine"])
    def test_that_was_never_kept_is_counted(self, name: str) -> None:
        record = compared(expectations(answers={"<1.1.1": "yes"}), answers(name, "no"))
        assert (record.compared.unexpected, record.compared.not_compared) == ((), {name: 1})

    def test_is_one_to_a_question_and_was_given(self) -> None:
        rows = (row(RELEASE, answer="yes"), row(RELEASE, "asks", Verdict.NOT_OBSERVABLE))
        record = compared(expectations(answers={"": "yes"}), *rows)
        assert (record.compared.unexpected, record.compared.not_compared) == ((), {})

    def test_is_compared_as_it_is_kept(self) -> None:
        assert changes(answers(RELEASE, "yes\n \x00"), answers={"": "yes ?"}) == []


class TestACell:
    def cell(self, *rows: Row, entries: tuple[Any, ...] = (), clause: str = RULE) -> tuple[bool, bool]:
        result = Results(compared(expectations(*entries), *rows)).of(RELEASE, clause)
        return result.known, result.changed

    def test_is_known_when_all_that_fails_is(self) -> None:
        assert self.cell(fails(RELEASE), row(RELEASE, "two"), entries=(entry(),)) == (True, False)
        assert self.cell(fails(RELEASE), fails(RELEASE, "two"), entries=(entry(),)) == (False, False)
        assert self.cell(row(RELEASE)) == (False, False)

    def test_has_changed_when_something_is_no_longer_as_known(self) -> None:
        assert self.cell(row(RELEASE), entries=(entry(),)) == (False, True)
        assert self.cell(row(RELEASE), fails(RELEASE, "two"), entries=(entry(rows=("one", "two")),)) == (True, True)

    def test_of_an_invariant_is_known_as_well(self) -> None:
        anywhere = entry(rows=(), clause=ALWAYS, reason=".*")
        assert self.cell(breaks(RELEASE), entries=(anywhere,), clause=ALWAYS) == (True, False)
        assert self.cell(breaks(RELEASE), clause=ALWAYS) == (False, False)

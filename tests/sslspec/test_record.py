"""A record as a value, and what it says in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from sslspec.clauses import Clause, Kind
from sslspec.record import Identity, Invariant, Partial, Record, Results, Row
from sslspec.verdicts import Verdict

ADDED, KEPT, ASKED = "SSL_page.3/added", "SSL_page.3/kept", "SSL_page.3/asked"
EDITION, OTHER = "openssl-1.1.1", "openssl-2001"


def row(verdict: Verdict = Verdict.CONFORMS, *clauses: str, implementation: str = "model", **more: Any) -> Row:
    return Row(implementation, "SSL_page.3/page.feature", 3, "It rains", (), clauses or (ADDED,), verdict, **more)


def clause(name: str, *editions: str, kind: Kind = Kind.RULE) -> Clause:
    return Clause(name, "It rains.", kind, dict.fromkeys(editions or (EDITION,), ("DESCRIPTION 1",)), ())


def record(*rows: Row, clauses: tuple[Clause, ...] = ()) -> Record:
    names = dict.fromkeys(row.implementation for row in rows)
    identities = tuple(Identity(name, "double", "double 1") for name in names)
    return Record("1", "2020-01-01T00:00:00+00:00", "2020-01-01T00:00:01+00:00", EDITION, "3.11", "Linux", identities, clauses, rows)


def result_of(*rows: Row, clause: str = ADDED, implementation: str = "model") -> Any:
    return Results(record(*rows)).of(implementation, clause)


class TestRows:
    def test_are_called_what_their_scenario_is(self) -> None:
        assert (row().title, row().key) == ("It rains", "SSL_page.3/page.feature::It rains")

    def test_of_an_outline_have_its_values(self) -> None:
        of_outline = Row("model", "p/f.feature", 3, "It rains", (("variant", "TLS 1.2"), ("how", "hard")), (ADDED,), Verdict.CONFORMS)
        assert of_outline.title == "It rains [TLS 1.2, hard]"
        assert of_outline.key == "p/f.feature::It rains [TLS 1.2, hard]"

    def test_of_two_implementations_have_the_same_key(self) -> None:
        assert row(implementation="one").key == row(implementation="two").key


def test_a_record_names_its_implementations_in_their_order() -> None:
    assert record(row(implementation="two"), row(implementation="one")).names() == ("two", "one")


class TestAClause:
    def test_without_a_row_has_no_verdict(self) -> None:
        assert result_of(row(Verdict.CONFORMS, KEPT)).verdict is None
        assert result_of(row(), implementation="another").verdict is None

    def test_is_what_its_rows_are(self) -> None:
        assert result_of(row(), row(Verdict.DEVIATES), row(Verdict.CRASHES)).verdict is Verdict.CRASHES

    def test_is_another_ones_business_on_another_implementation(self) -> None:
        rows = row(Verdict.DEVIATES, implementation="one"), row(implementation="two")
        assert result_of(*rows, implementation="one").verdict is Verdict.DEVIATES
        assert result_of(*rows, implementation="two").verdict is Verdict.CONFORMS

    def test_counts_a_row_of_two_clauses_for_both(self) -> None:
        both = row(Verdict.DEVIATES, ADDED, KEPT)
        assert result_of(both).rows == result_of(both, clause=KEPT).rows == (both,)

    def test_says_how_many_of_its_rows_were_seen(self) -> None:
        every = [row(verdict) for verdict in Verdict]
        result = result_of(*every)
        assert result.rows == tuple(every)
        # Conforms, answered, deviates, crashes, hangs and error; of these and what was not implemented or not observable.
        assert (result.seen, result.counting) == (6, 8)

    def test_has_each_answer_once_and_in_order(self) -> None:
        result = result_of(*(row(Verdict.ANSWERED, answer=answer) for answer in ("yes", "no", "yes", "")))
        assert result.answers == ("yes", "no")
        assert result.verdict is Verdict.ANSWERED


class TestControls:
    def test_that_conform_do_not_make_a_clause_conform(self) -> None:
        result = result_of(row(Verdict.NOT_OBSERVABLE), row(control=True))
        assert result.verdict is Verdict.NOT_OBSERVABLE

    @pytest.mark.parametrize("verdict", [Verdict.DEVIATES, Verdict.CRASHES, Verdict.HANGS, Verdict.ERROR])
    def test_that_fail_are_the_clauses(self, verdict: Verdict) -> None:
        assert result_of(row(), row(verdict, control=True)).verdict is verdict

    def test_alone_are_all_there_is(self) -> None:
        assert result_of(row(control=True)).verdict is Verdict.CONFORMS


class TestInvariants:
    HELD, BROKEN = Invariant(ADDED, 3), Invariant(ADDED, 2, "expected: 0 or 1; observed: 7")

    def test_that_held_make_a_clause_conform(self) -> None:
        result = result_of(row(Verdict.CONFORMS, KEPT, invariants=(self.HELD,)))
        assert (result.verdict, result.invariant_calls, result.rows) == (Verdict.CONFORMS, 3, ())

    def test_that_were_broken_make_it_deviate_and_name_the_row(self) -> None:
        breaks = row(Verdict.CONFORMS, KEPT, invariants=(self.BROKEN,))
        result = result_of(row(), breaks)
        assert (result.verdict, result.invariant_calls) == (Verdict.DEVIATES, 2)
        assert breaks in result.rows
        assert result_of(row(), breaks, clause=KEPT).verdict is Verdict.CONFORMS

    def test_are_counted_over_all_rows_and_one_that_was_broken_is_enough(self) -> None:
        result = result_of(*(row(Verdict.CONFORMS, KEPT, invariants=(kept,)) for kept in (self.HELD, self.BROKEN, self.HELD)))
        assert (result.verdict, result.invariant_calls) == (Verdict.DEVIATES, 8)

    def test_do_not_hide_a_row_that_fails(self) -> None:
        result = result_of(row(Verdict.CRASHES), row(Verdict.CONFORMS, KEPT, invariants=(self.HELD,)))
        assert result.verdict is Verdict.CRASHES

    def test_are_each_implementations_own(self) -> None:
        rows = row(Verdict.CONFORMS, KEPT, implementation="one", invariants=(self.BROKEN,)), row(implementation="two")
        assert result_of(*rows, implementation="one").verdict is Verdict.DEVIATES
        assert result_of(*rows, implementation="two").verdict is Verdict.CONFORMS


class TestNumbers:
    def test_are_of_the_clauses_that_the_edition_states(self) -> None:
        clauses = clause(ADDED), clause(KEPT, EDITION, OTHER), clause(ASKED, OTHER, kind=Kind.QUESTION)
        results = Results(
            record(row(), row(Verdict.DEVIATES, KEPT), row(Verdict.CONFORMS, KEPT), row(Verdict.ANSWERED, ASKED), clauses=clauses)
        )
        assert results.numbers("model", EDITION) == Counter({Verdict.CONFORMS: 1, Verdict.DEVIATES: 1})
        assert results.numbers("model", OTHER) == Counter({Verdict.DEVIATES: 1, Verdict.ANSWERED: 1})
        assert results.numbers("another", EDITION) == Counter()

    def test_leave_out_what_has_no_row(self) -> None:
        clauses = clause(ADDED), clause(KEPT, kind=Kind.OBLIGATION)
        assert Results(record(row(), clauses=clauses)).numbers("model", EDITION).total() == 1


def test_results_of_two_records_are_apart() -> None:
    assert Results(record(row())).of("model", ADDED).verdict is Verdict.CONFORMS
    assert Results(record()).of("model", ADDED).verdict is None


class TestAPartialRecord:
    def test_lacks_rows_of_what_was_not_finished(self) -> None:
        found = replace(record(row(), row(implementation="other"), row(Verdict.HANGS, implementation="other")), partial=Partial(2))
        assert found.incomplete() == {"model": 1}

    def test_is_none_where_all_was_run(self) -> None:
        assert record(row()).incomplete() == {}

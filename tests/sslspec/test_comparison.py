from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from sslspec.clauses import Clause, Kind
from sslspec.comparison import WORSE, Outcome, Way, compare
from sslspec.errors import UsageError
from sslspec.record import Identity, Invariant, NotRun, Partial, Record, Row
from sslspec.verdicts import FAILED, RAN, Verdict

PAGE, EDITION = "SSL_set_session.3", "openssl-1.1.1"
CONFORMS, ANSWERED, DEVIATES, CRASHES, HANGS = Verdict.CONFORMS, Verdict.ANSWERED, Verdict.DEVIATES, Verdict.CRASHES, Verdict.HANGS


def row(verdict=CONFORMS, scenario="It is so", clause="a-rule", implementation="one", **more):
    return Row(implementation, f"{PAGE}/a.feature", 7, scenario, (), (f"{PAGE}/{clause}",), verdict, **more)


def clause(name="a-rule", stated=(EDITION,)):
    return Clause(f"{PAGE}/{name}", f"What {name} says.", Kind.RULE, dict.fromkeys(stated, ("NOTES 1",)), ("SSL_set_session",))


def record(*rows, names=("one",), clauses=None, **more):
    values = {
        "tool": "0.1.0",
        "started": "",
        "finished": "",
        "edition": EDITION,
        "python": "",
        "platform": "",
        "implementations": tuple(Identity(name, "model" if name == "model" else "openssl", name) for name in names),
        "clauses": clauses or (clause(), clause("another")),
    }
    return Record(**values | {"rows": rows} | more)


def ways(old, new):
    """Return how the rows of two records, of one implementation each, differ."""
    (pair,) = compare(record(*old), record(*new)).pairs
    return [change.way for change in pair.changes]


def test_what_says_the_same_has_not_changed():
    rows = [row(verdict, str(verdict), observed="x", reason="y", answer="z") for verdict in Verdict if verdict is not Verdict.DISABLED]
    found = compare(record(*rows), record(*rows))
    (pair,) = found.pairs
    assert (pair.changes, pair.same, pair.unseen, pair.gone, pair.added) == ((), len(RAN), 4, (), ())
    assert not found.worse
    assert not found.changed


def expected_way(was, now):
    if now is Verdict.ERROR:
        return Way.BROKEN
    if now not in RAN:
        return Way.LOST if was in RAN else None
    if now in FAILED:
        if was not in FAILED or (was is DEVIATES and now is not DEVIATES):
            return Way.REGRESSED
        return Way.OTHERWISE
    if was in FAILED:
        return Way.FIXED
    return Way.SEEN if was not in RAN else None


ASKED = [verdict for verdict in Verdict if verdict is not Verdict.DISABLED]


@pytest.mark.parametrize(("was", "now"), [each for each in product(ASKED, ASKED) if each[0] is not each[1]])
def test_every_two_verdicts_compare_as_the_help_says(was, now):
    way = expected_way(was, now)
    beside = row(scenario="It is seen")
    assert ways([row(was), beside], [row(now), beside]) == ([way] if way else [])


@pytest.mark.parametrize("verdict", [DEVIATES, CRASHES, HANGS])
def test_who_fails_in_another_way_is_no_worse(verdict):
    assert ways([row(verdict, observed="2 more")], [row(verdict, observed="3 more")]) == [Way.OTHERWISE]


def test_why_something_is_not_seen_may_change():
    beside = row(scenario="It is seen")
    old, new = (row(Verdict.NOT_OBSERVABLE, reason=reason) for reason in ("no way", "another reason"))
    assert ways([old, beside], [new, beside]) == []


@pytest.mark.parametrize("verdict", [ANSWERED, CONFORMS])
def test_another_answer_is_a_change_and_no_regression(verdict):
    found = compare(record(row(verdict, answer="yes")), record(row(verdict, answer="no")))
    (change,) = found.pairs[0].changes
    assert (change.way, change.was, change.now) == (Way.ANSWER, Outcome(verdict, answer="yes"), Outcome(verdict, answer="no"))
    assert (found.worse, found.changed) == (False, True)


@pytest.mark.parametrize("way", Way)
def test_only_what_is_worse_counts(way):
    changes = {
        Way.REGRESSED: (CONFORMS, DEVIATES),
        Way.LOST: (CONFORMS, Verdict.NOT_IMPLEMENTED),
        Way.BROKEN: (CONFORMS, Verdict.ERROR),
        Way.OTHERWISE: (CRASHES, DEVIATES),
        Way.ANSWER: (ANSWERED, ANSWERED),
        Way.FIXED: (HANGS, CONFORMS),
        Way.SEEN: (Verdict.NOT_OBSERVABLE, CONFORMS),
    }
    was, now = changes[way]
    found = compare(record(row(was, answer="yes")), record(row(now, answer="no")))
    assert {each: found.number(each) for each in Way} == {each: int(each is way) for each in Way}
    assert found.worse is (way in WORSE) is (way in {Way.REGRESSED, Way.LOST, Way.BROKEN})


def test_a_change_tells_both_sides_and_what_is_known_of_it():
    old = row(Verdict.NOT_OBSERVABLE, reason="entries: no way")
    new = row(DEVIATES, expected="1", observed="2", reason="expected: 1; observed: 2", known=("d.toml, entry 1",))
    (change,) = compare(record(old), record(new)).pairs[0].changes
    assert change.was == Outcome(Verdict.NOT_OBSERVABLE, observed="entries: no way")
    assert change.now == Outcome(DEVIATES, "1", "2")
    assert (change.row, change.clauses, change.known) == (new, new.clauses, ("d.toml, entry 1",))


HELD, BROKEN = Invariant(f"{PAGE}/always", 3), Invariant(f"{PAGE}/always", 3, "expected: 0 or 1; observed: 7")
BROKEN_OTHERWISE = replace(BROKEN, broken="expected: 0 or 1; observed: 8")


@pytest.mark.parametrize(
    ("was", "now", "way"),
    [
        (HELD, BROKEN, Way.REGRESSED),
        (None, BROKEN, Way.REGRESSED),
        (BROKEN, HELD, Way.FIXED),
        (BROKEN, None, Way.LOST),
        (BROKEN, BROKEN_OTHERWISE, Way.OTHERWISE),
        (BROKEN, BROKEN, None),
        (HELD, HELD, None),
        (HELD, None, None),
        (None, HELD, None),
    ],
)
def test_an_invariant_is_compared_beside_its_row(was, now, way):
    old, new = (row(invariants=(each,) if each else ()) for each in (was, now))
    (pair,) = compare(record(old), record(new)).pairs
    assert [(change.way, change.clauses) for change in pair.changes] == ([(way, (f"{PAGE}/always",))] if way else [])
    assert pair.same == int(way is None)


def test_what_only_one_was_asked_is_held_against_nobody():
    old = record(row(), row(scenario="It is gone"), row(ANSWERED, "It is not asked any more"))
    new = record(row(), row(Verdict.DISABLED, "It is not asked any more"), row(DEVIATES, "It is new"))
    found = compare(old, new)
    (pair,) = found.pairs
    assert [each.scenario for each in pair.gone] == ["It is gone", "It is not asked any more"]
    assert [each.scenario for each in pair.added] == ["It is new"]
    assert (pair.changes, found.worse, found.changed) == ((), False, True)


def test_a_protocol_that_is_missing_is_a_loss_and_an_edition_that_does_not_state_it_is_not():
    clauses = (clause(), clause("another", stated=("openssl-3.0",)))
    old = [row(), row(scenario="It is so, too", clause="another")]
    new = [row(Verdict.NOT_APPLICABLE), row(Verdict.NOT_APPLICABLE, "It is so, too", "another")]
    found = compare(record(*old, clauses=clauses, edition="openssl-3.0"), record(*new, clauses=clauses))
    (pair,) = found.pairs
    assert [(change.way, change.row.scenario) for change in pair.changes] == [(Way.LOST, "It is so")]
    assert [each.scenario for each in pair.gone] == ["It is so, too"]


def test_implementations_are_compared_by_their_names():
    old = record(row(implementation="b"), row(implementation="a"), names=("b", "a"))
    new = record(row(DEVIATES, implementation="a"), row(implementation="c"), row(implementation="b"), names=("a", "c", "b"))
    found = compare(old, new)
    assert [(pair.old.name, pair.new.name, len(pair.changes)) for pair in found.pairs] == [("b", "b", 0), ("a", "a", 1)]
    assert (found.vanished, found.appeared) == ((), ("c",))


def test_an_implementation_that_could_not_be_run_makes_it_worse_and_one_that_nobody_asked_for_does_not():
    old = record(row(), row(implementation="two"), row(implementation="three"), names=("one", "two", "three"))
    found = compare(old, record(row()))
    assert [(each.name, each.reason) for each in found.vanished] == [("two", ""), ("three", "")]
    assert (found.worse, found.changed) == (False, True)
    found = compare(old, record(row(), not_run=(NotRun("three", "no cc", "install one"),)))
    assert [(each.name, each.reason) for each in found.vanished] == [("two", ""), ("three", "no cc")]
    assert found.worse


def test_two_single_libraries_are_compared_whatever_they_are_called():
    old = record(row(implementation="model"), row(implementation="old"), names=("model", "old"))
    new = record(row(implementation="new"), row(implementation="model"), names=("new", "model"))
    found = compare(old, new)
    assert [(pair.old.name, pair.new.name) for pair in found.pairs] == [("model", "model"), ("old", "new")]
    assert (found.vanished, found.appeared) == ((), ())


def test_pairs_can_be_chosen_even_in_one_record():
    names = ("a", "b", "c")
    both = record(row(implementation="a"), row(CRASHES, implementation="b"), row(implementation="c"), names=names)
    found = compare(both, both, [("a", "b"), ("a", "b"), ("b", "b")])
    assert [(pair.old.name, pair.new.name) for pair in found.pairs] == [("a", "b"), ("b", "b")]
    assert found.number(Way.REGRESSED) == 1
    assert (found.vanished, found.appeared) == ((), ())


def test_clauses_that_came_and_went():
    old = record(row(), clauses=(clause(), clause("went")))
    new = record(row(), clauses=(clause(), clause("came")))
    found = compare(old, new)
    assert (found.clauses_gone, found.clauses_added) == ((f"{PAGE}/went",), (f"{PAGE}/came",))
    assert (found.worse, found.changed) == (False, True)


TWO = record(row(implementation="a"), row(implementation="b"), names=("a", "b"))


@pytest.mark.parametrize(
    ("old", "new", "wanted", "says"),
    [
        (TWO, record(row()), [], "no library is in both: OLD has a, b, NEW has one; choose a pair with -i OLD=NEW"),
        (record(row()), record(row(implementation="model"), names=("model",)), [], "nothing to compare: OLD has one, NEW has model"),
        (record(names=()), record(row()), [], "nothing to compare: OLD has none, NEW has one"),
        (TWO, TWO, [("a", "c")], "NEW has no implementation 'c'; it has a, b"),
        (TWO, TWO, [("\x1b[31m", "a")], r"OLD has no implementation '\x1b[31m'; it has a, b"),
        (record(row()), record(row(scenario="Another")), [], "no row in common"),
        (record(row(Verdict.ERROR)), record(row(Verdict.NOT_OBSERVABLE)), [], "no row that both records have ran to a verdict"),
        (record(row(), row()), record(row()), [], "it says two things of the row 'SSL_set_session.3/a.feature::It is so' of 'one'"),
        (record(names=[f"n{n}" for n in range(9)]), record(row()), [], "n7 and 1 more"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_line(old, new, wanted, says):
    with pytest.raises(UsageError) as caught:
        compare(old, new, wanted)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


class TestOfARunThatWasBrokenOff:
    ROWS = (row(scenario="It is so"), row(scenario="It is otherwise"), row(DEVIATES, "It is wrong", expected="a", observed="b"))

    def test_what_the_new_run_did_not_come_to_is_not_run_and_not_gone(self):
        found = compare(record(*self.ROWS), record(*self.ROWS[:1], partial=Partial(3)))
        (pair,) = found.pairs
        assert (pair.gone, pair.not_run, pair.changes) == ((), self.ROWS[1:], ())
        assert found.worse
        assert found.changed

    def test_what_the_old_run_did_not_come_to_is_held_against_nobody(self):
        found = compare(record(*self.ROWS[:1], partial=Partial(3)), record(*self.ROWS))
        (pair,) = found.pairs
        assert (pair.added, pair.not_run_before) == ((), self.ROWS[1:])
        assert not found.worse

    def test_an_implementation_that_was_finished_is_compared_as_ever(self):
        new = record(*self.ROWS[:1], row(implementation="two"), names=("one", "two"), partial=Partial(1))
        (pair,) = compare(record(*self.ROWS), new).pairs
        assert (len(pair.gone), pair.not_run) == (2, ())

    def test_what_it_came_to_and_was_not_asked_is_gone(self):
        new = [self.ROWS[0], replace(self.ROWS[1], verdict=Verdict.DISABLED)]
        (pair,) = compare(record(*self.ROWS), record(*new, partial=Partial(3))).pairs
        assert (pair.gone, pair.not_run) == (self.ROWS[1:2], self.ROWS[2:])

from __future__ import annotations

import pytest

from sslspec.clauses import OWN, Kind
from sslspec.expectations import KnownDeviation
from sslspec.known import Compared
from sslspec.record import Identity, Invariant, Partial, Proof, Results
from sslspec.reports import words
from sslspec.verdicts import Verdict


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("as it is [bold]", "as it is [bold]"),
        ("two\n lines\tand  blanks", "two lines and blanks"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\u202eright to left", r"\u202eright to left"),
        ("\udc80", r"\udc80"),
        ("é 漢字", "é 漢字"),
    ],
)
def test_plain_text_acts_on_nothing(text, shown):
    assert words.plain(text) == shown


def cell_of(make, kind, *rows):
    clause = make.clause(kind=kind)
    results = Results(make.record(list(rows), [clause], names=["one"]))
    return words.cell(clause, results.of("one", clause.id))


def test_a_cell_says_how_many_rows_were_seen_where_not_all_were(make):
    ok, unseen, absent = make.row(), make.row(Verdict.NOT_OBSERVABLE), make.row(Verdict.NOT_APPLICABLE)
    assert cell_of(make, Kind.RULE, ok, ok) == "ok"
    assert cell_of(make, Kind.RULE, ok, absent) == "ok"
    assert cell_of(make, Kind.RULE, ok, unseen, absent) == "ok 1/2"
    assert cell_of(make, Kind.QUESTION, make.row(Verdict.ANSWERED), unseen) == "answered 1/2"
    assert cell_of(make, Kind.RULE, make.row(Verdict.DEVIATES), unseen) == "DEVIATES"
    assert cell_of(make, Kind.RULE) == "-"


def test_a_cell_of_a_rule_seen_on_calls_alone_is_whole(make):
    invariant = Invariant("SSL_set_session.3/a-rule", 3)
    elsewhere = make.row(clause="another", invariants=(invariant,))
    assert cell_of(make, Kind.RULE, make.row(Verdict.NOT_OBSERVABLE), elsewhere) == "ok"


def test_a_question_has_nothing_to_conform_to(make):
    assert cell_of(make, Kind.QUESTION, make.row(answer="it does")) == "answered"


def test_every_verdict_has_a_short_word():
    assert words.SHORT.keys() == set(Verdict)
    assert len(set(words.SHORT.values())) == len(Verdict)


def test_what_is_left_out_of_a_table_is_named(make):
    clauses = [
        make.clause(),
        make.clause("a-duty", Kind.OBLIGATION),
        make.clause("not-run"),
        make.clause("old", stated={"openssl-2001": ()}),
    ]
    results = Results(make.record([make.row()], clauses))
    assert [clause.id for clause in words.shown_clauses(results, make.edition)] == ["SSL_set_session.3/a-rule"]
    duty, rest = words.left_out(results, make.edition)
    assert "a-duty" in duty
    assert rest == "Not part of this run: not-run."


def test_totals_count_each_shown_clause_once(full):
    results = Results(full)
    for implementation in full.names():
        totals = words.totals(results, implementation, full.edition)
        shown = len(words.shown_clauses(results, full.edition))
        assert totals["checked"] + totals["not checked"] + totals["error of the suite"] == shown
    assert words.totals(results, "one", full.edition)["crashes"] == 1


def test_the_same_finding_of_several_is_one(full):
    reading = [finding for finding in words.findings(full, full.edition) if finding.clause.kind is Kind.READING]
    assert [(*finding.where,) for finding in reading] == [("one", "two")]


def test_findings_come_in_the_order_of_the_clauses(full):
    names = [words.short_name(finding.clause) for finding in words.findings(full, full.edition)]
    assert names == ["a-rule", "a-reading", "always", "late"]


def test_findings_on_what_the_edition_does_not_state_are_none(full):
    assert [finding.verdict for finding in words.findings(full, "openssl-2001")] == [Verdict.CRASHES]


def test_different_observations_are_different_findings(make):
    rows = [make.row(Verdict.DEVIATES, observed=observed) for observed in ("2", "3", "2")]
    first, second = words.findings(make.record(rows), make.edition)
    assert first.where == {"one": 2}
    assert second.observed == "3"


def test_a_broken_invariant_is_a_finding_in_two_halves(full):
    (finding,) = (finding for finding in words.findings(full, full.edition) if finding.clause.invariant)
    assert finding.expected == "0 or 1"
    assert finding.observed == "SSL_set_session(client1, NULL) = 7, error stack: empty"
    assert finding.where == {"two": 1}


def test_a_broken_invariant_in_other_words_is_kept_whole(make):
    row = make.row(invariants=(Invariant("SSL_set_session.3/a-rule", 1, "it was 7"),))
    assert words.failures(row) == [("SSL_set_session.3/a-rule", Verdict.DEVIATES, "", "it was 7")]


def test_a_finding_on_a_reading_names_the_others(full):
    labels = [label for label, _ in words.statement(full.clauses[1])]
    assert labels == ["reading", "taken here", "other reading", "other reading"]


def test_a_finding_on_a_question_says_that_the_page_is_silent(make):
    assert ("so", "the page is silent: nothing is right or wrong, but this is no answer") in words.statement(
        make.clause(kind=Kind.QUESTION)
    )


def test_the_headline_counts_by_kind(full):
    assert words.headline(words.findings(full, full.edition)) == "4 findings: 3 on a rule, 1 on a reading"
    assert words.headline([]) == "No deviation, crash or hang"


def answered(make, *given):
    rows = [
        make.row(Verdict.ANSWERED, implementation=who, answer=answer, example=(("variant", example),) if example else ())
        for who, answer, example in given
    ]
    (answers,) = words.answers(make.record(rows, [make.clause(kind=Kind.QUESTION)]), make.edition)
    return dict(answers.answers)


def test_equal_answers_stand_together(make):
    assert answered(make, ("one", "yes", ""), ("two", "no", ""), ("three", "yes", "")) == {"yes": "one, three", "no": "two"}
    assert answered(make, *((who, "yes", "") for who in "abcd")) == {"yes": "all 4"}


def test_an_answer_given_only_sometimes_says_when(make):
    given = [("one", "yes", "TLS 1.2"), ("one", "no", "TLS 1.3"), ("two", "no", "TLS 1.2"), ("two", "no", "TLS 1.3")]
    assert answered(make, *given) == {"yes": "one [TLS 1.2]", "no": "two; one [TLS 1.3]"}


def test_what_was_not_seen_is_counted_by_capability(make):
    reasons = ["marked: no way to ask about session1", "marked: no way to ask about session2", "entries: no count", "no way in"]
    rows = [make.row(Verdict.NOT_OBSERVABLE, reason=reason) for reason in reasons]
    identity = Identity("one", "openssl", "", proofs=(Proof("marked", proven=False, reason=""),))
    found = words.unseen(make.record(rows, implementations=(identity,)))
    assert [(each.reason, each.where["one"]) for each in found] == [(reasons[0], 2), (reasons[2], 1), (reasons[3], 1)]


def test_what_was_not_seen_for_the_same_reason_stands_together(make):
    rows = [make.row(Verdict.NOT_OBSERVABLE, implementation=who, reason="marked: no way") for who in ("one", "two")]
    (found,) = words.unseen(make.record(rows))
    assert found.where == {"one": 1, "two": 1}


def test_a_cell_tells_known_from_new_and_from_changed(judged):
    results = Results(judged)
    cells = {words.short_name(clause): words.cell(clause, results.of("one", clause.id)) for clause in judged.clauses}
    assert cells == {"known": "crashes", "new": "DEVIATES", "gone": "ok 1/2 !", "partly": "DEVIATES", "asked": "answered !"}
    assert words.totals(results, "one", judged.edition)["known"] == 1


def test_the_legend_explains_the_signs_that_are_there(full, judged):
    assert not set(words.LEGEND_COMPARED) & set(words.legend(full))
    assert set(words.LEGEND_COMPARED) < set(words.legend(judged))


def test_findings_are_known_or_new(judged):
    found = words.findings(judged, judged.edition)
    assert [(words.short_name(finding.clause), finding.titles) for finding in words.new(found)] == [
        ("new", ("It is fresh",)),
        ("partly", ("It is new",)),
    ]
    assert [(entry.name[-1], [words.short_name(finding.clause) for finding in group]) for entry, group in words.known(found)] == [
        ("1", ["known"]),
        ("2", ["known"]),
        ("3", ["partly"]),
    ]


def test_what_an_entry_does_not_describe_is_new_beside_what_it_does(make):
    broken = Invariant("SSL_set_session.3/always", 1, "it was 7")
    row = make.row(Verdict.DEVIATES, reason="it did", known=("e",), invariants=(broken,))
    entry = KnownDeviation("e", "d", "SSL_set_session.3/a-rule", Verdict.DEVIATES, "it did", (row.key,))
    record = make.record([row], [make.clause(), make.clause("always")], compared=Compared("features", (entry,)))
    assert [finding.clause.id for finding in words.new(words.findings(record, record.edition))] == [broken.clause]


def test_the_headline_of_a_run_that_was_compared_begins_with_what_is_new(judged, make):
    found = words.findings(judged, judged.edition)
    assert words.headline(found, judged) == "2 new findings: 2 on a rule; 2 no longer as known; 1 answer changed; 3 known"
    quiet = make.record([make.row()], compared=Compared("features"))
    assert words.headline([], quiet) == "No new deviation, crash or hang"


def test_what_is_no_longer_as_known_names_what_to_change(judged):
    gone, never, answer = words.changed(judged)
    assert (gone.file, gone.titles) == ("features/deviations/d.toml, entry 4", ("It was so",))
    assert never.titles == ()
    assert words.changed_details(answer) == [
        ("known", "yes"),
        ("observed", "no"),
        ("row", "It is asked"),
        ("change", "features/answers/d.toml"),
    ]
    assert "row" not in dict(words.changed_details(never))


def test_an_entry_says_what_it_knows_and_no_more(judged):
    first, second, *_ = judged.compared.entries
    assert [label for label, _ in words.explained(first)] == ["whose", "why", "since", "link", "releases"]
    assert words.explained(second) == [("whose", "undecided")]


def test_what_could_not_be_seen_or_compared_is_counted_and_named(judged, full):
    assert words.not_seen(judged) == [
        ("1 row of known deviations could not be seen", ""),
        ("1", "deviations/d.toml, entry 4 (one)"),
    ]
    assert words.not_compared(judged) == "2 answers were not compared, because none was kept: one (2)"
    assert (words.not_seen(full), words.not_compared(full)) == ([], "")


def test_each_held_to_its_own_is_shown_what_any_of_them_states(own):
    results = Results(own)
    assert [words.short_name(clause) for clause in words.shown_clauses(results, OWN)] == ["old", "new"]
    assert [words.heads(own, name, OWN) for name in own.names()] == [["one", "openssl-2001"], ["two", "openssl-1.1.1"]]
    assert [finding.where for finding in words.findings(own, OWN)] == [{"two": 1}]


def test_what_is_kept_of_an_edition_that_was_not_asked_in_full_is_no_number(own):
    results = Results(own)
    kept = {edition: [words.kept(results, name, edition) for name in own.names()] for edition in ("openssl-2001", "openssl-1.1.1")}
    assert kept == {"openssl-2001": ["1/1", "1/1"], "openssl-1.1.1": [".", "1/2"]}


def test_held_to_one_edition_nothing_stands_below_the_names(full):
    assert words.heads(full, "one", full.edition) == ["one"]
    assert words.held_to(full.edition) == full.edition


class TestOfARunThatWasBrokenOff:
    def test_the_sentence_says_what_is_missing(self, make):
        record = make.record(
            [make.row(), make.row(implementation="two"), make.row(implementation="two", scenario="B")], partial=Partial(2, 1)
        )
        assert words.partial(record) == (
            "Partial: the run was broken off, and this has 3 of 4 rows. Not finished: one (1 of 2 rows); "
            "a line that was cut off, and what it said is not in it."
        )
        assert words.partial(make.record([make.row()])) == ""

    def test_the_headline_and_what_stands_above_a_column_say_it_too(self, make):
        record = make.record([make.row()], names=["one", "two"], partial=Partial(1))
        assert words.headline([], record) == "PARTIAL; No deviation, crash or hang"
        assert words.heads(record, "one", record.edition) == ["one"]
        assert words.heads(record, "two", record.edition) == ["two", "0 of 1 row"]

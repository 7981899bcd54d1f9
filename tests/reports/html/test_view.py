from __future__ import annotations

from dataclasses import replace

import pytest

from sslspec.clauses import OWN, Kind
from sslspec.evidence import Event
from sslspec.record import Identity, Results
from sslspec.reports.html.since import Change
from sslspec.reports.html.view import address, cell_of, columns, linked, page, section_of
from sslspec.verdicts import Verdict


def test_implementations_stand_by_family_and_release(make):
    names = {"b": "1.1.1k", "mine": "", "a": "1.0.2q", "c": "3.0.0"}
    identities = [Identity(name, "openssl", "", release=release) for name, release in names.items()]
    record = make.record([], implementations=(identities[0], Identity("w", "wolfssl", ""), *identities[1:]))
    assert [(family, [each.name for each in group]) for family, group in columns(record)] == [
        ("openssl", ["a", "b", "c", "mine"]),
        ("wolfssl", ["w"]),
    ]


def test_clauses_stand_in_the_order_of_the_page(make):
    sections = {"last": ("RETURN VALUES 1",), "first": ("DESCRIPTION 2",), "odd": ("CAVEATS 1",), "none": (), "second": ("NOTES 1",)}
    clauses = [make.clause(name, stated={make.edition: where}) for name, where in sections.items()]
    record = make.record([make.row(clause=name) for name in sections], clauses)
    assert [section for _, section, _ in page(record).sections] == ["DESCRIPTION", "NOTES", "RETURN VALUES", "CAVEATS", ""]


def test_a_clause_that_the_edition_does_not_state_stands_where_another_does(make):
    others = {"openssl-2001": ("DESCRIPTION 1",), "openssl-1.1.0": ("NOTES 1",), "openbsd-2016": ()}
    clauses = [make.clause("elsewhere", stated=others), make.clause()]
    assert [section_of(clause, make.edition) for clause in clauses] == ["NOTES", "NOTES"]
    assert section_of(make.clause(stated={}), make.edition) == ""
    assert [view.clause.id for view in page(make.record([], clauses)).clauses] == [clause.id for clause in clauses]


def test_each_may_be_held_to_an_edition_of_its_own(make):
    identities = (Identity("one", "openssl", "", edition="openssl-3.0"), Identity("two", "libressl", "", edition="libressl-3.1.0"))
    clauses = [make.clause(stated={"openssl-3.0": ("NOTES 1",)}), make.clause("b", stated={"libressl-3.1.0": ("NOTES 1",)})]
    shown = page(make.record([make.row(), make.row(clause="b", implementation="two")], clauses, implementations=identities, edition=OWN))
    assert (shown.held_to, [shown.above(each) for each in shown.identities]) == (
        "the documentation of their own",
        ["one, openssl-3.0", "two, libressl-3.1.0"],
    )
    assert ("held to", "openssl-3.0") in shown.implementations[0].about
    assert [section for _, section, _ in shown.sections] == ["NOTES"]


def test_a_cell_tells_new_from_known(judged):
    results = Results(judged)
    cells = {clause.id.partition("/")[2]: cell_of(results, clause, "one") for clause in judged.clauses}
    assert {name: (cell.text, cell.mark, cell.new) for name, cell in cells.items()} == {
        "known": ("crashes", "crashes", False),
        "new": ("DEVIATES", "deviates", True),
        "gone": ("ok 1/2 !", "conforms", True),
        "partly": ("DEVIATES", "deviates", True),
        "asked": ("answered !", "answered", True),
    }
    assert cells["new"].classes == "deviates new"


def test_a_cell_of_nothing(make):
    record = make.record([make.row()], names=["one"])
    assert cell_of(Results(record), make.clause("other"), "one").mark == "none"


def test_a_scenario_has_the_steps_of_the_row_that_came_furthest(make):
    steps = [Event("step", f"Step {number}") for number in range(3)]
    rows = [
        make.row(Verdict.CRASHES, evidence=tuple(steps[:1]), example=(("protocol", "TLS 1.2"),)),
        make.row(implementation="two", evidence=tuple(steps), example=(("protocol", "TLS 1.2"),)),
        make.row(evidence=tuple(steps[:2]), example=(("protocol", "TLS 1.3"),)),
    ]
    (scenario,) = page(make.record(rows)).clauses[0].scenarios
    assert scenario.steps == ("Step 0", "Step 1", "Step 2")
    assert scenario.examples == ("TLS 1.2", "TLS 1.3")


def test_a_clause_says_who_does_what(full):
    views = {view.clause.id.partition("/")[2]: view for view in page(full).clauses}
    assert [(cell.text, who) for cell, who in views["late"].verdicts] == [("HANGS", ("one",)), ("no function", ("two",))]
    assert [each.answers for each in views["a-question"].asked] == [
        (("the call returns 1", "one", "openssl"), ("the call returns 0", "two", "libressl"))
    ]


def test_an_implementation_says_what_it_is_and_what_it_keeps(full):
    one, _ = page(full).implementations
    assert ("release", "1.1.1k") in one.about
    assert ("file", f"/usr/lib/libssl.so (SHA-256 {'ab' * 32})") in one.about
    assert dict(one.kept)["openssl-1.1.1"] == "1/4"
    assert [(each.reason, each.where["one"]) for each in one.unseen] == [("marked: there is no way to ask about session1", 1)]


def test_what_can_be_chosen_is_what_is_there(full):
    rows = (*full.rows, replace(full.rows[0], example=(("protocol", "TLS 1.3 stateful"), ("x", "y"))))
    choices = page(replace(full, rows=rows)).choices
    assert choices["kind"] == ("rule", "reading", "question")
    assert choices["protocol"] == ("TLS 1.3 stateful",)
    assert choices["verdict"] == ("conforms", "answered", "deviates", "crashes", "hangs", "not-implemented", "error")


def test_an_address_holds_any_name():
    assert address("cell", "SSL_set_session.3/a", "mine & 50%") == "#cell/SSL_set_session.3/a/mine%20%26%2050%25"


@pytest.mark.parametrize(
    ("text", "is_link"), [("https://a.example/b?c=1#d", True), ("http://a.example", False), ("https://a.example b", False)]
)
def test_what_is_a_link(text, is_link):
    assert linked(text) is is_link


def test_editions_stand_by_page_with_what_they_state(full):
    (shown,) = page(full).editions
    old, new = full.editions
    assert (shown.page, shown.names) == (old.page, (old.edition, new.edition))
    assert [(each.edition, each.checkable, each.rest) for each in shown.sentences] == [
        (old, 2, {"to the caller": 1, "heading": 4, "prototype": 2}),
        (new, 1, {"to the caller": 2}),
    ]
    numbers = {clause.id.partition("/")[2]: stated for clause, stated in shown.stated}
    assert (numbers["a-rule"], numbers["late"], "elsewhere" in numbers) == ((2, 0), (0, 1), False)


def test_a_record_from_before_has_no_editions(make):
    assert page(make.record([make.row()])).editions == ()


def test_a_clause_and_an_answer_say_since_which_release(make):
    identities = tuple(Identity(f"openssl-{release}", "openssl", "", release=release) for release in ("3.0.0", "1.1.1k", "1.1.0f"))
    does = {"1.1.0f": (Verdict.CONFORMS, "no"), "1.1.1k": (Verdict.DEVIATES, "no"), "3.0.0": (Verdict.DEVIATES, "yes")}
    rows = [make.row(verdict, implementation=f"openssl-{release}") for release, (verdict, _) in does.items()]
    rows += [make.row(Verdict.ANSWERED, "asked", f"openssl-{release}", answer=answer) for release, (_, answer) in does.items()]
    shown = page(make.record(rows, [make.clause(), make.clause("asked", Kind.QUESTION)], implementations=identities))
    verdict, question = shown.clauses
    assert verdict.since == (("openssl", (Change("openssl-1.1.0f", "openssl-1.1.1k", "conforms", "deviates"),)),)
    (asked,) = question.asked
    assert asked.since == (("openssl", (Change("openssl-1.1.1k", "openssl-3.0.0", "no", "yes"),)),)
    assert question.since == ()

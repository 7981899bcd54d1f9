"""The C programs of a page."""

from __future__ import annotations

import json

import pytest

from sslspec.evidence import UNFINISHED, Event
from sslspec.record import Identity, Linking
from sslspec.reports.html import render
from sslspec.reports.html.data import embedded
from sslspec.reports.html.programs import Programs
from sslspec.reports.reproducer import joined, program
from sslspec.reports.reproducer.case import all_cases
from sslspec.verdicts import Verdict

from .conftest import EVIL

RULE = "SSL_set_session.3/a-rule"
MADE = Event("call", "SSL_CTX_new", ("TLS_client_method()",), "ctx1")
EVIDENCE = (Event("step", EVIL), MADE, Event("call", "SSL_CTX_free", ("ctx1",), UNFINISHED))
OTHER = (Event("step", EVIL), MADE, Event("call", "SSL_CTX_sess_number", ("ctx1",), UNFINISHED))


@pytest.fixture
def crashing(make):
    rows = [
        make.row(Verdict.CRASHES, implementation="one", reason="it crashed", evidence=(Event("call", "SSL_odd", (), UNFINISHED),)),
        make.row(Verdict.CRASHES, implementation="one", reason="it crashed", evidence=EVIDENCE, scenario="Again"),
        make.row(Verdict.CRASHES, implementation="one", reason="it crashed too", evidence=OTHER, scenario="Also"),
        make.row(Verdict.CRASHES, implementation="two", reason="it crashed", evidence=EVIDENCE),
        make.row(implementation="three"),
    ]
    linking = Linking(("ssl",))
    identities = (Identity("one", "openssl", EVIL, linking=linking), Identity("two", "model", ""), Identity("three", "openssl", ""))
    return make.record(rows, implementations=identities)


def read_back(data, place):
    return joined("".join(f"{data['code'][line]}\n" for line in data["parts"][part]) for part in data["programs"][place])


def test_a_program_can_be_put_together_again(crashing):
    programs = Programs(crashing)
    data = json.loads(embedded(crashing, programs))
    assert data["reproducers"] == {"0": {"one": 0}}
    assert read_back(data, 0) == program(all_cases(crashing)["one", RULE][1], 2).text


def test_a_cell_has_the_first_program_that_can_be_made_and_a_finding_its_own(crashing):
    programs = Programs(crashing)
    by_cell = programs.by_cell([RULE])
    assert by_cell == {0: {"one": 0}}
    odd, again, also = (row.key for row in crashing.rows[:3])
    assert programs.of_finding("one", RULE, odd) is None
    assert programs.of_finding("one", RULE, again).place == 0
    assert programs.of_finding("one", RULE, also).place == 1
    assert programs.of_finding("two", RULE, again) is None
    assert len(programs.kept()["programs"]) == 2


def test_what_programs_have_in_common_is_kept_once(crashing):
    programs = Programs(crashing)
    for row in crashing.rows[1:3]:
        programs.of_finding("one", RULE, row.key)
    kept = programs.kept()
    for what in ("code", "parts"):
        assert len({str(each) for each in kept[what]}) == len(kept[what])
    one, other = kept["programs"]
    assert one[-1] == other[-1]


def test_without_a_script_what_the_case_is_about_can_be_read(crashing, parse):
    boxes = parse(render(crashing)).all("details", **{"class": "program"})
    assert [box.attributes["data-program"] for box in boxes] == ["0"]
    assert "int main(void)" in boxes[0].text
    assert "DO(SSL_CTX_sess_number(ctx1));" in boxes[0].text
    assert "</script></style>" in boxes[0].text  # a step's own words, as text

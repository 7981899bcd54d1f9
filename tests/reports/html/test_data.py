from __future__ import annotations

import json
from dataclasses import replace

from sslspec.reports.html.data import embedded
from sslspec.reports.html.programs import Programs
from sslspec.verdicts import Verdict


def _embedded(record):
    return embedded(record, Programs(record))


def test_a_row_can_be_read_back(full):
    data = json.loads(_embedded(full))
    template, verdict, reason, expected, observed, answer, evidence, broken, known = data["rows"]["one"][0]
    assert data["templates"][template] == ["SSL_set_session.3/a.feature:7", "It is so [TLS 1.3 stateful, TLSv1.3]", [0], 0, 0]
    assert [data["texts"][place] for place in (verdict, reason, expected, observed, answer)] == ["conforms", "", "", "", ""]
    assert [data["lines"][line] for line in data["evidence"][evidence]][:2] == [
        "Given a session",
        "    SSL_set_session(client1, session1) = 1",
    ]
    assert (broken, known) == ([], [])


def test_what_is_the_same_is_kept_once(full):
    data = json.loads(_embedded(full))
    assert data["rows"]["one"][0][6] == data["rows"]["two"][0][6]
    for kept in (data["texts"], data["lines"]):
        assert len(set(kept)) == len(kept)


def test_what_is_broken_and_what_is_known_is_in_the_row(full, judged):
    data = json.loads(_embedded(full))
    assert data["rows"]["two"][0][7][0][0] == 2
    assert data["texts"][data["rows"]["two"][0][7][0][1]].startswith("expected: 0 or 1")
    data = json.loads(_embedded(judged))
    assert data["rows"]["one"][0][8] == [0]
    assert ["link", "https://example.org/a_b?c=1#d", "1"] in data["known"][0]
    assert ["why", "It forgets.", ""] in data["known"][0]


def test_cells_are_of_one_variant_of_the_protocol_too(make):
    rows = [
        make.row(example=(("protocol", "TLS 1.2"),)),
        make.row(Verdict.DEVIATES, example=(("protocol", "TLS 1.3"),)),
    ]
    data = json.loads(_embedded(make.record(rows)))
    words = {variant: data["marks"][cells["SSL_set_session.3/a-rule"][0]][0] for variant, cells in data["cells"].items()}
    assert words == {"": "DEVIATES", "TLS 1.2": "ok", "TLS 1.3": "DEVIATES"}


def test_two_runs_give_the_same_data(full):
    assert _embedded(full) == _embedded(replace(full))

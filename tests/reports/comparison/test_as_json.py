from __future__ import annotations

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from sslspec.comparison import WORSE, Way
from sslspec.reports.comparison.as_json import VERSION, render
from sslspec.verdicts import Verdict

SCHEMA = json.loads(files("sslspec.reports").joinpath("comparison.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("which", ["every_way", "hostile", "nothing"])
def test_it_follows_the_schema(which, request):
    Draft202012Validator.check_schema(SCHEMA)
    text = render(request.getfixturevalue(which))
    assert text.isascii()
    Draft202012Validator(SCHEMA).validate(json.loads(text))


def test_the_schema_knows_all_ways_and_verdicts():
    assert SCHEMA["properties"]["version"]["const"] == VERSION
    assert SCHEMA["$defs"]["change"]["properties"]["way"]["enum"] == [*Way]
    assert list(SCHEMA["properties"]["counts"]["properties"]) == [*Way]
    assert SCHEMA["$defs"]["outcome"]["properties"]["verdict"]["enum"] == [*Verdict]


def test_it_says_all_that_differs(every_way):
    document = json.loads(render(every_way))
    assert (document["worse"], document["changed"]) == (True, True)
    assert document["counts"] == {way: 2 if way is Way.REGRESSED else 1 for way in Way}
    assert document["vanished"] == [{"name": "gone", "reason": ""}, {"name": "unable", "reason": "no cc"}]
    one = document["pairs"][0]
    assert (one["old"]["name"], one["new"]["edition"], one["same"], one["unseen"]) == ("one", "openssl-1.1.1", 1, 1)
    assert one["gone"] == ["SSL_set_session.3/a.feature::It is gone"]
    assert {change["way"]: change["worse"] for change in one["changes"]} == {way: way in WORSE for way in Way}
    assert one["changes"][0] == {
        "way": "regressed",
        "worse": True,
        "row": "SSL_set_session.3/a.feature::It regressed",
        "clauses": ["SSL_set_session.3/a-rule"],
        "was": {"verdict": "conforms", "expected": "", "observed": "", "answer": ""},
        "now": {"verdict": "deviates", "expected": "1 more", "observed": "2 more", "answer": ""},
        "known": ["deviations/openssl.toml, entry 1"],
    }

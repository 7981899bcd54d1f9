from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from releases import QUESTION, record

from sslspec import reports
from sslspec.history import Release, history
from sslspec.record import Results
from sslspec.reports.history_json import dumps

SCHEMA = json.loads((Path(reports.__file__).parent / "history.schema.json").read_text(encoding="utf-8"))
RELEASES = {
    "1.0.2q": {"One": "not-applicable", "Two": "returns 0"},
    "1.1.1": {"One": "returns 1", "Two": "returns 0"},
    "3.0.0": {"One": "returns 1", "Two": "returns 0"},
}


@pytest.fixture
def document():
    made = record(RELEASES, clause=QUESTION)
    others = [Release("openssl-1.1.1k", "1.1.1k"), Release("openssl-1.1.0f", "1.1.0f", "cc failed")]
    return json.loads(dumps([history("openssl", [QUESTION], [Results(made)], others)]))


def test_it_follows_its_schema(document):
    Draft202012Validator.check_schema(SCHEMA)
    validator = Draft202012Validator(SCHEMA)
    assert [error.message for error in validator.iter_errors(document)] == []
    del document["histories"][0]["clauses"][0]["changes"][0]["rows"][0]["before"]
    document["histories"][0]["releases"][0]["status"] = "inferred"
    assert len(list(validator.iter_errors(document))) == 2


def test_what_was_run_and_what_was_not(document):
    (found,) = document["histories"]
    assert {each["name"]: each["status"] for each in found["releases"]} == {
        "openssl-1.0.2q": "run",
        "openssl-1.1.0f": "failed",
        "openssl-1.1.1": "run",
        "openssl-1.1.1k": "not-run",
        "openssl-3.0.0": "run",
    }
    (clause,) = found["clauses"]
    assert [(each["first"], each["last"], each["between_equal"]) for each in clause["spans"]] == [
        ("openssl-1.0.2q", "openssl-1.0.2q", []),
        ("openssl-1.1.1", "openssl-3.0.0", ["openssl-1.1.1k"]),
    ]
    assert clause["spans"][1]["answers"] == ["returns 1", "returns 0"]
    assert clause["changes"] == [
        {
            "before": "openssl-1.0.2q",
            "after": "openssl-1.1.1",
            "not_run": ["openssl-1.1.0f"],
            "rows": [
                {
                    "row": "SSL_set_session.3/a.feature::One",
                    "kind": "seen from here on",
                    "before": {"verdict": "not-applicable"},
                    "after": {"verdict": "answered", "text": "returns 1"},
                }
            ],
        }
    ]


def test_the_format_is_named_and_has_a_version(document):
    assert (document["format"], document["version"]) == ("sslspec-history", 1)

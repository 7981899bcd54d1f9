from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sslspec import __version__
from sslspec.clauses import Kind
from sslspec.errors import UsageError
from sslspec.evidence import Event
from sslspec.expectations import Whose
from sslspec.known import Change
from sslspec.record import Identity, Invariant, Linking, Wanted
from sslspec.reports import record_json
from sslspec.reports.record_json import LARGEST, OLDEST_VERSION, SCHEMA_VERSION, dumps, loads, read, schema, write
from sslspec.verdicts import FAILED, Verdict


def complaint(action, *args):
    """Return what the user is told: one line, without a trace of Python."""
    with pytest.raises(UsageError) as caught:
        action(*args)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400
    return message


def test_a_record_is_read_as_it_was_written(full, tmp_path):
    path = tmp_path / "record.json"
    write(full, path)
    assert read(path) == full


def test_what_was_expected_is_read_as_it_was_written(judged):
    assert loads(dumps(judged)) == judged
    Draft202012Validator(schema()).validate(json.loads(dumps(judged)))


def test_which_edition_each_was_held_to_is_read_as_it_was_written(own):
    assert loads(dumps(own)) == own
    Draft202012Validator(schema()).validate(json.loads(dumps(own)))


def test_a_record_from_before_there_were_expectations_is_read(full):
    document = json.loads(dumps(full))
    del document["compared"], document["editions"]
    for identity in document["implementations"]:
        del identity["release"], identity["source"], identity["edition"]
    assert loads(json.dumps(document)) == replace(full, editions=())


def test_a_record_from_before_programs_were_made_of_it_is_read(full):
    document = json.loads(dumps(full)) | {"version": 1}
    assert loads(json.dumps(document)) == full


def test_what_programs_are_made_of_is_read_as_it_was_written(make):
    wanted = Wanted("references", "session1", -1, -1, gained=True)
    linking = Linking(("ssl",), {"SSL_new": "wolfSSL_new"}, {"SSL_session_reused": ("SSL_ctrl", 8)}, ("SSL_clear",), {"SSL_OP": 4}, 8)
    identity = Identity("one", "openssl", "1", linking=linking)
    rows = [make.row(Verdict.DEVIATES, wanted=wanted, invariants=(Invariant("SSL_set_session.3/a-rule", 1, "broken", wanted),))]
    record = make.record(rows, implementations=(identity,))
    assert loads(dumps(record)) == record
    Draft202012Validator(schema()).validate(json.loads(dumps(record)))


@pytest.mark.parametrize("name", ["system(1)", "a b", "x;", "1a", ""])
def test_what_is_no_name_in_c_is_no_function(make, name):
    identity = Identity("one", "openssl", "1", linking=Linking(("ssl",), {"SSL_new": name}))
    assert "no valid record" in complaint(loads, dumps(make.record([make.row()], implementations=(identity,))))


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        (("rows", 0, "known"), "known deviation"),
        (("compared", "entries", 0, "clause"), "clause"),
        (("compared", "unexpected", 0, "clause"), "clause"),
        (("compared", "unexpected", 0, "implementation"), "implementation"),
    ],
)
def test_what_was_expected_belongs_to_the_record(judged, where, kind):
    document = json.loads(dumps(judged))
    *path, last = where
    part = document
    for step in path:
        part = part[step]
    part[last] = ["nothing"] if kind == "known deviation" else "nothing"
    message = complaint(loads, json.dumps(document))
    assert "is damaged" in message
    assert f"refers to {kind} 'nothing', which is not in it" in message


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ARGUMENTS = st.lists(VALUES, max_size=3).map(tuple)
EVENTS = st.one_of(
    st.builds(Event, st.just("step"), st.text()),
    st.builds(Event, st.just("callback"), st.text(), ARGUMENTS),
    st.builds(Event, st.sampled_from(["call", "observation"]), st.text(), ARGUMENTS, VALUES),
)
ROWS = st.fixed_dictionaries(
    {
        "verdict": st.sampled_from(Verdict),
        "scenario": st.text(),
        "example": st.dictionaries(st.text(), st.text(), max_size=3).map(lambda example: tuple(example.items())),
        "reason": st.text(),
        "expected": st.text(),
        "observed": st.text(),
        "answer": st.text(),
        "evidence": st.lists(EVENTS, max_size=4).map(tuple),
        "invariants": st.lists(st.builds(Invariant, st.just("SSL_set_session.3/a-rule"), st.integers(0), st.text()), max_size=2).map(tuple),
        "seconds": st.floats(0, 1e6),
        "control": st.booleans(),
        "undefined": st.booleans(),
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, max_size=3))
def test_any_row_is_read_as_it_was_written(make, rows):
    record = make.record([replace(make.row(), **row) for row in rows])
    assert loads(dumps(record)) == record


def test_bytes_of_a_path_that_are_no_text_survive(make):
    record = make.record([make.row(reason=os.fsdecode(b"/tmp/\xff\xfe"))])
    assert dumps(record).isascii()
    assert loads(dumps(record)) == record


def test_a_written_record_follows_the_schema(full):
    Draft202012Validator.check_schema(schema())
    Draft202012Validator(schema()).validate(json.loads(dumps(full)))


def test_the_schema_knows_all_verdicts_and_kinds():
    definitions = schema()["$defs"]
    assert set(definitions["known_deviation"]["properties"]["verdict"]["enum"]) == FAILED
    assert definitions["known_deviation"]["properties"]["whose"]["enum"] == [*Whose]
    assert definitions["unexpected"]["properties"]["change"]["enum"] == [*Change]
    assert definitions["row"]["properties"]["verdict"]["enum"] == [*Verdict]
    assert definitions["clause"]["properties"]["kind"]["enum"] == [*Kind]
    assert schema()["properties"]["version"]["enum"] == list(range(OLDEST_VERSION, SCHEMA_VERSION + 1))


def test_evidence_is_kept_once_under_its_hash(full):
    document = json.loads(dumps(full))
    keys = [row["evidence"] for row in document["rows"] if "evidence" in row]
    assert len(keys) == 3
    assert len(document["evidence"]) == 2
    for key, events in document["evidence"].items():
        canonical = json.dumps(events, sort_keys=True, separators=(",", ":"))
        assert key == sha256(canonical.encode()).hexdigest()[:16]


def test_a_record_is_read_without_its_evidence_and_otherwise_checked_as_well(full, tmp_path):
    path = tmp_path / "record.json"
    write(full, path)
    assert read(path, evidence=False) == replace(full, rows=tuple(replace(row, evidence=()) for row in full.rows))
    for where, value in ((("evidence", "not a key"), []), (("rows", 0, "evidence"), "0" * 16), (("evidence",), None)):
        path.write_text(damaged(full, *where, value=value))
        assert "evidence" in complaint(lambda: read(path, evidence=False))


def test_a_record_cut_off_anywhere_is_no_record(full, tmp_path):
    whole = dumps(full).rstrip().encode()
    path = tmp_path / "record.json"
    for end in range(1, len(whole)):
        path.write_bytes(whole[:end])
        assert "cut off" in complaint(read, path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"<html>", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"1" * 5000, "no JSON"),
        (b"[]", "no record of sslspec"),
        (b'{"format": "another", "version": 1}', "no record of sslspec"),
        (b'{"format": "sslspec-record"}', "no record of sslspec"),
        (b'{"format": "sslspec-record", "version": true}', "no record of sslspec"),
        (b'{"format": "sslspec-record", "version": 1}', "no valid record"),
        (b'{"format": "sslspec-record", "version": NaN}', "no JSON"),
    ],
)
def test_what_is_no_record_is_named(tmp_path, content, said):
    path = tmp_path / "record.json"
    path.write_bytes(content)
    message = complaint(read, path)
    assert said in message
    assert str(path) in message


def test_what_is_not_there_is_named(tmp_path):
    assert "No such file" in complaint(read, tmp_path / "record.json")
    assert "is a folder without a record.json" in complaint(read, tmp_path)
    with (tmp_path / "large").open("wb") as file:
        file.truncate(LARGEST + 1)  # a hole, which takes no room on the disk
    assert "is larger than any record (200 MB)" in complaint(read, tmp_path / "large")


def test_the_folder_of_a_run_stands_for_its_record(full, tmp_path):
    write(full, tmp_path / "record.json")
    assert read(tmp_path) == full


def test_a_pipe_is_read_and_only_as_far_as_a_record_goes(full, monkeypatch):
    inner, outer = os.pipe()
    with os.fdopen(outer, "w") as file:
        file.write(dumps(full))
    assert read(Path(f"/dev/fd/{inner}")) == full
    os.close(inner)
    monkeypatch.setattr(record_json, "LARGEST", 1000)
    assert "is larger than any record" in complaint(read, Path("/dev/zero"))


@pytest.mark.parametrize(
    ("version", "tool", "remedy"),
    [
        (SCHEMA_VERSION + 1, "7.0.0", "install sslspec 7.0.0 or later"),
        (OLDEST_VERSION - 1, "0.0.9", "run `sslspec run` again to make a new one, or read it with sslspec 0.0.9"),
        (SCHEMA_VERSION + 1, "\x1b[31m\n" * 999, "install a newer sslspec"),
        (OLDEST_VERSION - 1, None, "run `sslspec run` again to make a new one"),
    ],
)
def test_another_version_is_named_with_who_made_it_and_what_to_do(full, version, tool, remedy):
    document = json.loads(dumps(full)) | {"version": version, "tool": tool, "anything": "else"}
    message = complaint(loads, json.dumps(document))
    assert f"is a record of version {version}" in message
    assert (f", made by sslspec {tool}, " in message) is (tool in ("7.0.0", "0.0.9"))
    assert f"this sslspec reads version {SCHEMA_VERSION}" in message
    assert remedy in message


def damaged(record, *path, value):
    document = json.loads(dumps(record))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("rows", 2, "verdict"), "fine", "$.rows[2].verdict"),
        (("rows", 0, "seconds"), "x" * 1000, "$.rows[0].seconds"),
        (("rows", 1, "surprise\n"), 1, "$.rows[1]"),
        (("clauses", 0, "kind"), None, "$.clauses[0].kind"),
        (("evidence", "not a key"), [], "$.evidence"),
        (("not_run", 0), {}, "$.not_run[0]"),
        (("rows", 0, "implementation"), "nobody", "rows[0] refers to implementation 'nobody'"),
        (("rows", 1, "clauses"), ["a/b"], "rows[1] refers to clause 'a/b'"),
        (("clauses", 0, "answered_by"), ["a/b"], "clauses[0] refers to clause 'a/b'"),
        (("rows", 5, "invariants", 0, "clause"), "a/b", "rows[5] refers to clause 'a/b'"),
        (("rows", 0, "evidence"), "0" * 16, "rows[0] refers to evidence"),
        (("evidence", "0" * 16), [{"of": []}], "not an event"),
        (("implementations", 1, "name"), "one", "twice"),
    ],
)
def test_a_damaged_record_is_named_with_the_place(full, path, value, said):
    assert said in complaint(loads, damaged(full, *path, value=value))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_fast_check_lets_nothing_through_that_breaks_the_schema(full, data):
    document = json.loads(dumps(full))
    place = document
    while isinstance(place, (dict, list)) and place:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        parent, key = place, data.draw(st.sampled_from(keys))
        place = place[key]
        if data.draw(st.booleans()):
            break
    parent[key] = data.draw(VALUES)
    if not Draft202012Validator(schema()).is_valid(document):
        complaint(loads, json.dumps(document))


def test_a_field_that_only_another_release_knows_is_told_with_that_release(full):
    def told(tool):
        return complaint(loads, damaged(replace(full, tool=tool), "surprise", value=1))

    assert told("9.1").endswith(f"'surprise' was unexpected); it was made by sslspec 9.1, and this is {__version__}")
    assert told(__version__).endswith("'surprise' was unexpected)")


def test_the_fast_check_takes_what_is_written(full, monkeypatch):
    """It knows less of JSON Schema than the slow one, which would hide that and take ten times as long."""
    linking = Linking(("ssl",), {"SSL_new": "wolfSSL_new"}, {"SSL_session_reused": ("SSL_ctrl", 8)}, ("SSL_clear",), {"SSL_OP": 4}, 8)
    linked = replace(full, implementations=tuple(replace(identity, linking=linking) for identity in full.implementations))
    monkeypatch.setattr(record_json, "_check_schema_slowly", lambda _data, name: pytest.fail(f"{name} was not taken"))
    assert loads(dumps(linked)) == linked


@pytest.mark.parametrize("macro", [["SSL_ctrl", "SSL_ctrl"], [8, 8], [8, "SSL_ctrl"]])
def test_a_macro_that_is_none_is_refused(full, macro):
    linking = Linking(("ssl",), macros={"SSL_session_reused": ("SSL_ctrl", 8)})
    document = json.loads(
        dumps(replace(full, implementations=(replace(full.implementations[0], linking=linking), *full.implementations[1:])))
    )
    document["implementations"][0]["linking"]["macros"]["SSL_session_reused"] = macro
    assert "the macro SSL_session_reused is no function" in complaint(loads, json.dumps(document))


def test_a_full_disk_leaves_what_was_there(full, tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    path.write_text("the former one")

    def no_space(_file):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_space)
    assert "No space left" in complaint(write, full, path)
    assert path.read_text() == "the former one"
    assert list(tmp_path.iterdir()) == [path]

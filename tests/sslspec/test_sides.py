from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sslspec.clauses import DEFAULT_EDITION, specification
from sslspec.errors import UsageError
from sslspec.record import Identity, NotRun, Record, Row
from sslspec.reports.record_json import write
from sslspec.sides import Library, compare_sides, side_of
from sslspec.verdicts import Verdict

CLAUSE = "SSL_set_session.3/reference-added"


def record(*names, edition=DEFAULT_EDITION, verdict=Verdict.CONFORMS):
    return Record(
        tool="0.1.0",
        started="",
        finished="",
        edition=edition,
        python="",
        platform="",
        implementations=tuple(Identity(name, "openssl", "") for name in names),
        clauses=tuple(specification().clauses.values()),
        rows=tuple(Row(name, "a.feature", 1, "It is so", (), (CLAUSE,), verdict) for name in names),
    )


@pytest.fixture
def saved(tmp_path):
    """Return what writes a record into a folder of its own."""

    def save(made: Record, name: str) -> Path:
        (tmp_path / name).mkdir()
        write(made, tmp_path / name / "record.json")
        return tmp_path / name

    return save


class Runs:
    """Runs nothing: says what was asked, and that each library conforms, or what else it was made with."""

    def __init__(self, verdict=Verdict.CONFORMS, **more):
        self.asked, self.verdict, self.more = [], verdict, more

    def __call__(self, requests, edition):
        self.asked.append((list(requests), edition))
        names = [request.partition("=")[0] for request in requests]
        return replace(record(*names, edition=edition, verdict=self.verdict), **self.more)


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("model", Library("model")),
        ("pyopenssl", Library("pyopenssl")),
        ("system", Library("system")),
        ("openssl-1.1.1k", Library("openssl-1.1.1k")),
        ("openssl-3.2.1", Library("openssl-3.2.1")),
        ("mine=build/libssl.so", Library("mine=build/libssl.so")),
        ("libssl.so.3", Library("old=libssl.so.3")),
        ("build", Library("old=build")),
        ("record.json", Path("record.json")),
        ("a-run", Path("a-run")),
        ("report", Path("report")),
        ("cut-off", Path("cut-off")),
        ("empty.json", Path("empty.json")),
        ("a=b.json", Path("a=b.json")),
        ("./openssl-1.1.1k", Library("old=./openssl-1.1.1k")),
    ],
)
def test_a_name_of_the_list_goes_before_a_file_and_a_record_before_a_library(text, side, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("build", "a-run", "openssl-1.1.1k"):
        (tmp_path / folder).mkdir()
    for name in ("record.json", "a-run/record.json", "report", "cut-off", "a=b.json"):
        (tmp_path / name).write_text('  {"format":' if name == "cut-off" else "{}")
    (tmp_path / "libssl.so.3").write_bytes(b"\x7fELF")
    (tmp_path / "empty.json").touch()
    assert side_of(text, "old") == side


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("modle", "did you mean model?"),
        ("nonsense", "`sslspec list implementations` names them all"),
        ("there/is/nothing", "there/is/nothing does not exist"),
        ("nothing.json", "nothing.json does not exist; name a record, a libssl, or a library of `sslspec list`"),
    ],
)
def test_what_is_neither_is_named(text, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        side_of(text, "old")
    assert says in str(caught.value)


def test_records_are_compared_without_a_run(saved):
    runs = Runs()
    found = compare_sides(saved(record("a"), "old"), saved(record("b", verdict=Verdict.HANGS), "new"), [], runs)
    assert [(pair.old.name, pair.new.name) for pair in found.pairs] == [("a", "b")]
    assert (found.worse, runs.asked) == (True, [])


def test_libraries_are_run_together_and_compared_with_each_other():
    runs = Runs()
    found = compare_sides(Library("old=a.so"), Library("new=b.so"), [], runs)
    assert runs.asked == [(["old=a.so", "new=b.so"], DEFAULT_EDITION)]
    assert [(pair.old.name, pair.new.name) for pair in found.pairs] == [("old", "new")]


def test_a_library_is_held_to_what_the_record_holds_its_own_to_unless_another_edition_is_named(saved):
    old = saved(record("a", edition="openssl-3.0"), "old")
    for edition, held in (("", "openssl-3.0"), ("openssl-1.1.1", "openssl-1.1.1")):
        runs = Runs()
        (pair,) = compare_sides(old, Library("new=b.so"), [], runs, edition).pairs
        assert runs.asked == [(["new=b.so"], held)]
        assert (pair.old.name, pair.new.name) == ("a", "new")


def test_a_library_is_compared_with_its_namesake_in_a_record_of_many(saved):
    many = saved(record("a", "model", "b"), "old")
    for sides in ((many, Library("model")), (Library("model"), many)):
        found = compare_sides(*sides, [], Runs())
        assert [(pair.old.name, pair.new.name) for pair in found.pairs] == [("model", "model")]
        assert (found.vanished, found.appeared) == ((), ())
    with pytest.raises(UsageError, match="choose a pair with -i OLD=NEW"):
        compare_sides(many, Library("new=b.so"), [], Runs())
    found = compare_sides(many, Library("new=b.so"), [("b", "new")], Runs())
    assert [(pair.old.name, pair.new.name) for pair in found.pairs] == [("b", "new")]


def test_a_library_that_could_not_be_had_is_named():
    runs = Runs(not_run=(NotRun("openssl-3.0.0", "no network", "mend that"),))
    with pytest.raises(UsageError, match=r"openssl-3\.0\.0 could not be run: no network; mend that"):
        compare_sides(Library("openssl-1.1.1k"), Library("openssl-3.0.0"), [], runs)


def test_a_record_that_cannot_be_read_is_said_before_anything_runs(tmp_path):
    runs = Runs()
    (tmp_path / "record.json").write_text("{")
    with pytest.raises(UsageError, match="is cut off"):
        compare_sides(tmp_path / "record.json", Library("model"), [], runs)
    assert runs.asked == []

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sslspec.record import Row
from sslspec.times import FILE, keep_times, read_times
from sslspec.verdicts import Verdict


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSLSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def row(implementation: str, feature: str, seconds: float) -> Row:
    return Row(implementation, feature, 1, "It is so", (), ("SSL_set_session.3/reference-added",), Verdict.CONFORMS, seconds=seconds)


def test_what_a_run_took_is_known_to_the_next_one() -> None:
    keep_times([row("one", "a.feature", 1.0), row("one", "a.feature", 2.0), row("one", "b.feature", 0.5), row("two", "a.feature", 4.0)])
    assert read_times() == {"one": {"a.feature": 3.0, "b.feature": 0.5}, "two": {"a.feature": 4.0}}


def test_other_implementations_keep_their_times() -> None:
    keep_times([row("one", "a.feature", 1.0)])
    keep_times([row("two", "a.feature", 2.0)])
    assert read_times() == {"one": {"a.feature": 1.0}, "two": {"a.feature": 2.0}}


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"one": 1}', '{"one": {"a": "x"}}', "\x00", "[" * 100_000])
def test_a_file_that_is_of_no_use_is_none(text: str, cache: Path) -> None:
    cache.mkdir()
    (cache / FILE).write_text(text)
    assert read_times() == {}
    keep_times([row("one", "a.feature", 1.0)])
    assert json.loads((cache / FILE).read_text()) == {"one": {"a.feature": 1.0}}


def test_a_folder_that_cannot_be_written_is_let_be(cache: Path) -> None:
    cache.write_text("no folder")
    keep_times([row("one", "a.feature", 1.0)])
    assert read_times() == {}

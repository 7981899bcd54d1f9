"""Errors are one line that says what to do."""

from __future__ import annotations

import pytest

from sslspec.errors import UsageError, printable, unknown

MANY = [f"number{number}" for number in range(1, 10)]


@pytest.mark.parametrize(
    ("kind", "name", "known", "says"),
    [
        ("clause", "refrence-added", ["reference-added", "added"], "no clause is called 'refrence-added'; did you mean reference-added?"),
        ("edition", "zzz", ["b", "a"], "no edition is called 'zzz'; known editions: a, b"),
        ("library", "zzz", ["a"], "no library is called 'zzz'; known libraries: a"),
        ("clause", "", ["a"], "no clause is called ''; known clauses: a"),
        ("clause", "zzz", MANY, "no clause is called 'zzz'; `sslspec list clauses` names them all"),
        ("clause", "zzz", MANY[:8], f"no clause is called 'zzz'; known clauses: {', '.join(MANY[:8])}"),
        ("clause", "two\nlines", ["a"], r"no clause is called 'two\nlines'; known clauses: a"),
    ],
)
def test_a_name_that_nothing_has(kind: str, name: str, known: list[str], says: str) -> None:
    error = unknown(kind, name, iter(known))
    assert isinstance(error, UsageError)
    assert str(error) == says


def test_what_would_act_on_a_terminal_is_written_as_an_escape() -> None:
    assert printable("a \u00e9\n\x1b[2J\x9b\u202e\udcff") == "a \u00e9\\n\\x1b[2J\\x9b\\u202e\\udcff"

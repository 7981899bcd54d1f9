"""TOML as text: nothing is lost but what was to be changed."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sslspec.toml_text import assignment, blocks, header_of, joined, leftovers, literal, with_value, without_key

PRINTABLE = st.text().filter(str.isprintable)

TEXT = '''\
# The file.

[[entry]]  # the first
name = "one" # a name
rows = [
    "a", # why
    "]",
]
why = """
[[entry]]
name = "not this one"
"""

# Stands alone.

# About the second.
[[entry]]
name = "two"
'''


@given(PRINTABLE)
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    assert tomllib.loads(f"key = {literal(text)}") == {"key": text}


@given(st.lists(PRINTABLE))
def test_a_list_is_read_as_it_was_written(texts: list[str]) -> None:
    statement = assignment("key", texts)
    assert tomllib.loads("\n".join(statement.lines)) == {"key": texts}
    assert len(statement.lines) == 1 or len(statement.lines) == len(texts) + 2


def test_a_list_that_is_short_stands_in_one_line() -> None:
    assert assignment("key", ["a", "b"]).lines == ('key = ["a", "b"]',)
    assert assignment("key", ["a" * 120]).lines == ("key = [", f'    "{"a" * 120}",', "]")


def test_a_pattern_has_no_escapes_where_it_needs_none() -> None:
    assert literal(r"f\(x\d+\)") == r"'f\(x\d+\)'"
    assert literal("it's") == '"it\'s"'


def test_blocks_begin_at_headers_with_the_comment_above() -> None:
    head, first, second = blocks(TEXT)
    assert (header_of(head), header_of(first), header_of(second)) == (None, {"entry": [{}]}, {"entry": [{}]})
    assert second[0].lines == ("# About the second.",)
    assert [statement.key for statement in first if statement.key] == ["name", "rows", "why"]


def test_blocks_joined_are_the_document() -> None:
    assert joined(blocks(TEXT)) == TEXT
    assert joined(blocks("\n\n" + TEXT.replace("\n\n[[", "\n\n\n\n[["))) == TEXT


def test_a_value_is_changed_and_nothing_else() -> None:
    head, first, second = blocks(TEXT)
    changed = joined([head, with_value(first, "rows", ["b"], after="name"), second])
    assert changed == TEXT.replace('[\n    "a", # why\n    "]",\n]', '["b"]')


def test_a_value_that_is_not_there_comes_after_another() -> None:
    _, _, second = blocks(TEXT)
    assert joined([with_value(second, "rows", ["b"], after="name")]) == '# About the second.\n[[entry]]\nname = "two"\nrows = ["b"]\n'
    assert joined([without_key(second, "name")]) == "# About the second.\n[[entry]]\n"


def test_comments_of_nobody_are_left_over() -> None:
    _, first, second = blocks(TEXT)
    assert joined([leftovers(first)]) == "# Stands alone.\n"
    assert leftovers(second) == ()


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2 is no TOML"):
        blocks("a = 1\nb = [")

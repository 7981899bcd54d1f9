"""What makes two sentences the same, and what the marks of words tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sslspec.pages.text import HOLE, Text
from sslspec.pages.words import fingerprint, folded, marks, packed, unpacked

WORDS = st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1), min_size=1)


def fold(text: str) -> str:
    return " ".join(word.chars for word in folded(Text.at(text, 0).words()))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("\u201ca\u201d \u201fb\u201d ``c'' \u00abd\u00bb", '"a" "b" "c" "d"'),
        ("\u2018a\u2019 b\u2019s `c'", "'a' b's 'c'"),
        ("a \u2014 b \u2212 c -- d 1\u20132 e\u2010f", "a - b - c - d 1-2 e-f"),
        ("f (3), g (3ssl) h(3SSL).", "f(3), g(3) h(3)."),
        ("<https://x/y>.", "https://x/y."),
        ("a\u00adb \u200b c\ufeff", "ab c"),
        ("#include <openssl/ssl.h>", "#include <openssl/ssl.h>"),
        ("a (if b) (3 times)", "a (if b) (3 times)"),
    ],
)
def test_what_is_written_in_several_ways_is_one(text: str, same: str) -> None:
    assert fold(text) == same


def test_a_reference_in_two_words_ends_where_its_second_does() -> None:
    (word,) = folded(Text.at("f (3),", 10).words())
    assert (word.chars, word.place, word.end) == ("f(3),", 10, 16)


@given(WORDS, WORDS)
def test_other_words_have_another_fingerprint(one: list[str], other: list[str]) -> None:
    assert (fingerprint(one) == fingerprint(other)) is (one == other)


def test_a_hole_is_part_of_the_fingerprint() -> None:
    assert fingerprint(["a", HOLE, "b"]) != fingerprint(["a", "b"])


@given(WORDS)
def test_a_word_has_its_mark(words: list[str]) -> None:
    key = fingerprint(words)
    assert marks([*words, HOLE], key) == (*(marks([word], key)[0] for word in words), "..")
    assert unpacked(packed(marks(words, key))) == marks(words, key)


def test_a_mark_says_nothing_about_another_sentence() -> None:
    # Of the same word, under keys of a thousand sentences, hardly two agree.
    found = {marks(["session"], fingerprint([str(number)])) for number in range(1000)}
    assert len(found) > 500


@pytest.mark.parametrize("text", ["", "a", "abc", "aw", ".a", "AB", "ab ", "..."])
def test_what_is_not_made_of_marks(text: str) -> None:
    with pytest.raises(ValueError, match="is not made of marks"):
        unpacked(text)

"""Where a sentence ends, and what it is counted as."""

from __future__ import annotations

import pytest

from sslspec.pages.blocks import Block, Kind
from sslspec.pages.sentences import sentences
from sslspec.pages.text import HOLE, Text


def split(*texts: str) -> list[str]:
    blocks = [Block(Kind.TEXT, Text.at(text.replace("~", f" {HOLE} "), 0)) for text in texts]
    return [" ".join(sentence.chars).replace(HOLE, "~") for sentence in sentences(blocks)]


@pytest.mark.parametrize(
    "parts",
    [
        ["One.", "Two!", "Three?", "Four."],
        ["It is 1.", "If not, it is 2."],
        ['Say "so."', '"So" it is.'],
        ["(It is so.)", "(It was so.)"],
        ["See f(3).", "SSL_f() does."],
        ["It ends.", "d2i_f() begins in small letters."],
        ["These are there:", "0 It failed.", "-1 It was worse."],
        ["It ends.", "0"],
        ["e.g. Perl and i.e. Python are not the end, cf. Ruby."],
        ["version 1.1.1 and f(a, b). are not, nor etc. or so"],
        ["These are: one, two; three"],
        ["Released 2 May: 2 It is."],
    ],
)
def test_a_sentence_ends_where_another_begins(parts: list[str]) -> None:
    joined = " ".join(parts)
    expected = parts if parts[0] != "Released 2 May: 2 It is." else ["Released 2 May:", "2 It is."]
    assert split(joined) == expected


def test_a_paragraph_ends_a_sentence() -> None:
    assert split("One", "two") == ["One", "two"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("~is here. The end.", ["~ is here.", "The end."]),
        ("It is.~is too.", ["It is.", "~ is too."]),
        ("It is.~It is too.", ["It is.", "~ It is too."]),
        ("These are:~It is.", ["These are:", "~ It is."]),
        ("the count of~If not, so.", ["the count of ~", "If not, so."]),
        ("the count of~SSL_CTX is.", ["the count of ~ SSL_CTX is."]),
        ("kept within~(as it had been) ~ since.", ["kept within ~ (as it had been) ~ since."]),
        ("~", []),
        ("It is.~", ["It is."]),
    ],
)
def test_a_hole_belongs_to_the_sentence_that_lost_something(text: str, parts: list[str]) -> None:
    assert split(text) == parts


def test_sentences_are_counted_in_their_section() -> None:
    blocks = [
        Block(Kind.BEFORE, Text.at("a. B.", 0)),
        Block(Kind.TEXT, Text.at("c", 0)),
        Block(Kind.HEADING, Text.at("Notes", 0)),
        Block(Kind.TEXT, Text.at("D. E.", 0)),
        Block(Kind.COMMENT, Text.at("$Id: 1 2 3 $ f", 0)),
        Block(Kind.TEXT, Text.at("g", 0)),
        Block(Kind.TEXT, Text.at("h", 0), section="NAME"),
    ]
    assert [(sentence.where, sentence.chars) for sentence in sentences(blocks)] == [
        ("(before the page) 1", ("a.", "B.")),
        ("1", ("c",)),
        ("NOTES 0", ("Notes",)),
        ("NOTES 1", ("D.",)),
        ("NOTES 2", ("E.",)),
        ("(comments) 1", ("$Id$", "f")),
        ("NOTES 3", ("g",)),
        ("NAME 1", ("h",)),
    ]


def test_a_synopsis_has_declarations() -> None:
    blocks = [Block(Kind.HEADING, Text.at("SYNOPSIS", 0))]
    blocks += [
        Block(Kind.TEXT, Text.at(text, 0)) for text in ("#include <a.h> #include <b.h>", "int", "f(int a); int g(void);", "It is old.")
    ]
    said = [" ".join(sentence.chars) for sentence in sentences(blocks)[1:]]
    assert said == ["#include <a.h>", "#include <b.h>", "int f(int a);", "int g(void);", "It is old."]


def test_a_label_belongs_to_its_item() -> None:
    blocks = [
        Block(Kind.LABEL, Text.at("0", 0)),
        Block(Kind.TEXT, Text.at("It went wrong.", 5)),
        Block(Kind.LABEL, Text.at("1", 0)),
        Block(Kind.LABEL, Text.at("2", 0)),
    ]
    assert [" ".join(sentence.chars) for sentence in sentences(blocks)] == ["0 It went wrong.", "1", "2"]

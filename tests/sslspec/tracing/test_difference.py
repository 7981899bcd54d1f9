"""How two sentences differ, of which one is known by marks only."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from sslspec.ledger import Entry
from sslspec.pages.blocks import Block, Kind
from sslspec.pages.sentences import Sentence, sentences
from sslspec.pages.text import HOLE, Text
from sslspec.pages.words import marks
from sslspec.tracing.difference import difference, fits_but_for_holes, likeness

WORDS = st.lists(
    st.sampled_from(["the", "a", "session", "is", "set", "freed", "once", "again", "never", "by", "it", "of"]), min_size=4, max_size=12
)


def sentence(text: str) -> Sentence:
    (only,) = sentences([Block(Kind.COMMENT, Text.at(text.replace("~", HOLE), 0))])
    return only


def entry(text: str) -> Entry:
    known = sentence(text)
    return Entry("1:1", "NOTES 1", known.fingerprint, marks(known.chars, known.fingerprint))


@given(WORDS, WORDS)
def test_the_words_in_hand_are_all_there(mine: list[str], known: list[str]) -> None:
    changes = difference(sentence(" ".join(mine)), entry(" ".join(known)))
    assert [word for change in changes for word in (*change.same, *change.added)] == mine
    assert sum(len(change.same) + change.gone for change in changes) == len(known)


@given(WORDS)
def test_a_sentence_is_like_itself(words: list[str]) -> None:
    text = " ".join(words)
    assert likeness(sentence(text), entry(text)) == 1.0


def test_sentences_that_have_nothing_in_common_are_not_alike() -> None:
    assert likeness(sentence("one two three four"), entry("five six seven eight")) == 0.0
    assert likeness(sentence("one"), entry("one two three four five six seven")) == 0.0


@given(WORDS, st.sets(st.integers(0, 11), max_size=4))
def test_a_sentence_fits_itself_with_holes(words: list[str], lost: set[int]) -> None:
    whole = " ".join(words)
    holed = " ".join("~" if number in lost else word for number, word in enumerate(words))
    seen = len([word for word in holed.split() if word != "~"])
    assume("~" in holed and seen >= max(3, len(words) // 3))
    assert fits_but_for_holes(sentence(holed), entry(whole))
    assert not fits_but_for_holes(sentence(whole), entry(holed))


def test_a_hole_hides_words_and_changes_none() -> None:
    whole = "the session is freed once it is set"
    for holed in ("the session is ~ set", "~ freed once it is set", "the session ~ once ~", "the session is freed ~ once it is set"):
        assert fits_but_for_holes(sentence(holed), entry(whole))
    for other in (
        "the session was ~ set",
        "~ freed once it is",
        "the ~ session is freed",
        "session is freed ~",
        "~ is set ~ the session ~",
    ):
        assert not fits_but_for_holes(sentence(other), entry(whole))


def test_two_words_are_too_few_to_go_by() -> None:
    assert not fits_but_for_holes(sentence("~ is set"), entry("the session is set"))


def test_two_sentences_with_holes_are_not_guessed_to_be_the_same() -> None:
    assert not fits_but_for_holes(sentence("the session ~ once"), entry("the session is ~ once"))

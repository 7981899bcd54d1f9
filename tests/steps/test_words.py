"""Sentences: which of them are recognised, and what their words become."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
from pytest_bdd.steps import step_function_context_registry

from sslspec.adapters.interface import Point, Reaction
from sslspec.steps.plugin import _STEP_MODULES
from sslspec.steps.words import _CONVERTERS, _PATTERNS, cache_named, change, counted, named, sentence

RECOGNISED: list[tuple[str, str, dict[str, Any]]] = [
    ("{a session} made by hand", "a session made by hand", {"session": ""}),
    ("{a session} made by hand", "an old session made by hand", {"session": "old"}),
    ("{a session}{of version} made by hand", "a new session of TLSv1.3 made by hand", {"session": "new", "version": "TLSv1.3"}),
    ("{a session}{of version} made by hand", "a new session made by hand", {"session": "new", "version": ""}),
    ("{the session} is destroyed", "the session is destroyed", {"session": ""}),
    ("{the session} is destroyed", "the server's session is destroyed", {"session": "server's"}),
    ("{the session} is {not}destroyed", "the session is not destroyed", {"session": "", "negated": True}),
    ("{the session} is {not}destroyed", "the session is destroyed", {"session": "", "negated": False}),
    ("{the cache} holds {number} entries", "the cache holds 0 entries", {"whose": "the", "number": 0}),
    ("{the cache} holds {number} entries", "the client's cache holds 12 entries", {"whose": "client", "number": 12}),
    ("{the cache} holds {entries compared}", "the cache holds as many entries as before", {"whose": "the", "gained": 0}),
    ("{the cache} holds {entries compared}", "the cache holds 1 entry more than before", {"whose": "the", "gained": 1}),
    ("{the session} has {references compared}", "the session has 2 references fewer than before", {"session": "", "gained": -2}),
    ("they speak {protocol}", "they speak TLS 1.2 with session ids", {"protocol": "TLS 1.2 with session ids"}),
    ("the mode is {mode}", "the mode is server and no-internal-store", {"mode": "server and no-internal-store"}),
    ("the call returns {returned}", "the call returns 1", {"returned": (1,)}),
    ("the call returns {returned}", "the call returns 0 or 1", {"returned": (0, 1)}),
    ("sets {what} on {where}", "sets the new session on the connection", {"session": "new", "other": "", "where": "the connection"}),
    ("sets {what} on {where}", "sets none on a new connection", {"session": "", "other": "none", "where": "a new connection"}),
    ("shut down{quietly}", "shut down quietly", {"quietly": True}),
    ("shut down{quietly}", "shut down", {"quietly": False}),
    ("is {shut down and}freed", "is shut down and freed", {"first": True}),
    ("is {shut down and}freed", "is freed", {"first": False}),
    ("has a callback{doing}", "has a callback", {"reaction": Reaction.NOTHING}),
    ("has a callback{doing}", "has a callback that frees the session", {"reaction": Reaction.FREE}),
    ("frees {the context}", "frees the context", {"whose": "the"}),
    ("frees {the context}", "frees the server's context", {"whose": "server"}),
    ("what {the call} returns", "what the call returns", {"inside": False}),
    ("what {the call} returns", "what the call inside the callback returns", {"inside": True}),
    ("{the client has spoken} on it", "the client has spoken on it", {"until": Point.CLIENT_SPOKE}),
    ("{the client has spoken} on it", "the server has answered on it", {"until": Point.SERVER_ANSWERED}),
    ("noted {which} session", "noted whether the session", {"which": False}),
    ("noted {which} session", "noted which session", {"which": True}),
    ("(1.5 + x)?", "(1.5 + x)?", {}),
]

NOT_RECOGNISED = [
    ("{the session} is destroyed", "the session is destroyed twice"),
    ("{the session} is destroyed", "then the session is destroyed"),
    ("{the session} is destroyed", "the younger session is destroyed"),
    ("{the session} is destroyed", "theold session is destroyed"),
    ("{the cache} holds {number} entries", "the cache holds -1 entries"),
    ("{the cache} holds {number} entries", "the peer's cache holds 1 entries"),
    ("{the session} has {references compared}", "the session has 1 entry more than before"),
    ("{the session} has {references compared}", "the session has 1 reference more"),
    ("they speak {protocol}", "they speak TLS 1.1 with tickets"),
    ("the call returns {returned}", "the call returns 0 or"),
    ("has a callback{doing}", "has a callback that sleeps"),
    ("{the client has spoken}", "the server has spoken"),
    ("a.b", "axb"),
]


@pytest.mark.parametrize(("pattern", "text", "arguments"), RECOGNISED)
def test_a_sentence_is_recognised_and_its_words_converted(pattern: str, text: str, arguments: dict[str, Any]) -> None:
    parser = sentence(pattern)
    assert parser.is_matching(text)
    assert parser.parse_arguments(text) == arguments


@pytest.mark.parametrize(("pattern", "text"), NOT_RECOGNISED)
def test_a_sentence_is_recognised_as_a_whole_or_not_at_all(pattern: str, text: str) -> None:
    parser = sentence(pattern)
    assert not parser.is_matching(text)
    assert parser.parse_arguments(text) is None


def test_a_placeholder_that_is_no_word_is_a_mistake_in_a_step() -> None:
    with pytest.raises(KeyError, match="colour"):
        sentence("the session is {colour}")


def test_every_word_is_used_by_a_step() -> None:
    modules = {import_module(f"sslspec.steps.{name}").__name__ for name in _STEP_MODULES}
    steps = [context for context in step_function_context_registry.values() if context.step_func.__module__ in modules]
    used = {word for context in steps for word in re.findall(r"\{(.+?)\}", context.parser.name)}
    assert used == set(_PATTERNS)


def test_every_converter_is_of_a_group_that_a_word_has() -> None:
    assert set(_CONVERTERS) <= {group for pattern in _PATTERNS.values() for group in re.compile(pattern).groupindex}


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [(0, "entry", "0 entries"), (1, "entry", "1 entry"), (1, "reference", "1 reference"), (2, "reference", "2 references")],
)
def test_a_number_with_its_noun(number: int, noun: str, words: str) -> None:
    assert counted(number, noun) == words


@pytest.mark.parametrize(
    ("gained", "noun", "words"),
    [
        (0, "entry", "as many entries as before"),
        (0, "reference", "as many references as before"),
        (1, "reference", "1 reference more than before"),
        (-2, "entry", "2 entries fewer than before"),
    ],
)
def test_a_change_in_the_words_of_the_steps(gained: int, noun: str, words: str) -> None:
    assert change(gained, noun) == words


@pytest.mark.parametrize("gained", range(-12, 13))
@pytest.mark.parametrize(("noun", "word"), [("entry", "entries compared"), ("reference", "references compared")])
def test_what_is_said_of_a_change_can_be_read_back(gained: int, noun: str, word: str) -> None:
    assert sentence(f"{{{word}}}").parse_arguments(change(gained, noun)) == {"gained": gained}


@pytest.mark.parametrize(("key", "words"), [("", "the session"), ("old", "the old session"), ("server's", "the server's session")])
def test_how_a_session_is_called(key: str, words: str) -> None:
    assert named(key) == words
    assert sentence("{the session}").parse_arguments(words) == {"session": key}


@pytest.mark.parametrize(("whose", "words"), [("the", "the cache"), ("client", "the client's cache"), ("server", "the server's cache")])
def test_how_a_cache_is_called(whose: str, words: str) -> None:
    assert cache_named(whose) == words
    assert sentence("{the cache}").parse_arguments(words) == {"whose": whose}

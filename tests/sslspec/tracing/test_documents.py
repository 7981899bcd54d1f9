"""The five collected documents: all of each is known, and whatever changes in a copy is found where it is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sslspec.ledger import Ledger, ledgers
from sslspec.pages import Page, parse, read_page
from sslspec.pages.recognise import PAGES
from sslspec.pages.sentences import SYNOPSIS, Sentence
from sslspec.pages.source import Source
from sslspec.tracing.match import DRIFT, Finding, Trace, Traced, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OURS = [ledger for page in PAGES for ledger in ledgers(page)]
EACH = pytest.mark.parametrize("ledger", OURS, ids=lambda ledger: f"{ledger.page}-{ledger.edition}")


@cache
def _page(path: Path) -> Page:
    return read_page(str(path))


def document(document_of: Callable[[Ledger], Path], ledger: Ledger) -> Page:
    return _page(document_of(ledger))


def traced(text: str, page: Page) -> Trace:
    return trace(parse(Source("copy", text)), ledgers(page.id))


def drift(found: Trace) -> list[Traced]:
    return [each for each in found.sentences if each.finding in DRIFT]


def at(found: Trace, place: int) -> Traced:
    """Return what was found of the sentence that stands at `place` of its input."""
    return [each for each in found.sentences if each.sentence and each.sentence.place <= place][-1]


@EACH
def test_every_sentence_is_known(document_of: Callable[[Ledger], Path], ledger: Ledger) -> None:
    found = trace(document(document_of, ledger), ledgers(ledger.page))
    assert found.ledger.edition == ledger.edition
    assert {each.finding for each in found.sentences} == {Finding.KNOWN}
    assert [each.known.entry for each in found.sentences if each.known] == list(ledger.entries)
    assert not found.drifted


@EACH
def test_a_changed_letter_is_found_in_every_sentence(document_of: Callable[[Ledger], Path], ledger: Ledger) -> None:
    page = document(document_of, ledger)
    text = page.source.text
    for number, sentence in enumerate(page.sentences):
        place = _last_letter(text, sentence)
        found = traced(text[:place] + ("z" if text[place] != "z" else "y") + text[place + 1 :], page)
        assert found.drifted, sentence.where
        # In mdoc a line of the synopsis is put together of several macros, and does not end where its last letter stands.
        if sentence.section != SYNOPSIS or page.format != "mdoc":
            assert at(found, place).finding in (Finding.CHANGED, Finding.NEW), sentence.where
        was = {each.known.entry.where for each in drift(found) if each.known and each.finding is not Finding.NEW}
        assert ledger.entries[number].where in was, sentence.where


def _last_letter(text: str, sentence: Sentence) -> int:
    """Return the place of a letter in one of its last words: the first ones of a page are its name, and have to stay."""
    words = [word for word in sentence.words if text[word.place] != "."]
    plain = [place for word in words if text[word.place : word.end] == word.chars for place in range(word.place, word.end)]
    # Of "$Mdocdate: ... $" the word between the signs.
    starts = [word.place + (text[word.place] == "$") for word in words]
    # Of a macro that puts signs around it, `.In openssl/ssl.h`, what stands there.
    inside = [text.find(word.chars.strip("<>"), word.place) for word in words if word.chars.startswith("<")]
    places = [place for place in [*starts, *plain, *inside] if place >= 0 and text[place].isalnum()]
    return places[-1] if places else sentence.place


@EACH
def test_a_removed_sentence_is_missed_where_it_was(document_of: Callable[[Ledger], Path], ledger: Ledger) -> None:
    page = document(document_of, ledger)
    for number, (start, end) in enumerate(_stretches(page)):
        found = traced(_without(page.source.text, start, end), page)
        missing = [each.known.entry.where for each in found.sentences if each.finding is Finding.MISSING and each.known]
        sentence = page.sentences[number]
        assert sentence.where in missing, sentence.where
        # What stands around it may have got or lost a hole; what stood below a heading has another one.
        assert sentence.number == 0 or len(drift(found)) <= 3, sentence.where


def _stretches(page: Page) -> Iterator[tuple[int, int]]:
    """Return from where to where each sentence stands: from the beginning of its line, if no other one ends in it."""
    lines = page.source.lines
    before = 0
    for sentence in page.sentences:
        line = lines[page.position(sentence).line - 1].text.place
        words = [word for word in sentence.words if not word.is_hole]
        yield max(before, line), words[-1].end
        before = words[-1].end


def _without(text: str, start: int, end: int) -> str:
    """Return `text` without what stands there, and without a line that then holds nothing but markup or a number in its margin."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    before, rest = text[:start], text[end:]
    head, newline, line = before.rpartition("\n")
    margin = re.fullmatch(r"\s*(?:\d+\.? )?", line)
    left, ended, tail = (rest.lstrip(" ") if margin else rest).partition("\n")
    is_empty = re.fullmatch(r"\s*(?:\d+[. ]*)?(?:\.\w+|\.\\\"|=\w+|[#>-]+)?\s*", line + left)
    return head + newline + ("" if is_empty else line + left + ended) + tail


@EACH
def test_an_added_sentence_is_found_after_every_other(document_of: Callable[[Ledger], Path], ledger: Ledger) -> None:
    page = document(document_of, ledger)
    text = page.source.text
    for sentence in page.sentences:
        words = [word for word in sentence.words if not word.is_hole]
        end = text.find("\n", words[-1].end) if sentence.section == SYNOPSIS or sentence.number == 0 or sentence.outside else words[-1].end
        new = "Quux frobs the zork, unheard of."
        found = traced(f"{text[:end]}\n{new} {text[end:].lstrip(' ')}", page)
        assert found.drifted, sentence.where
        assert any("Quux" in each.sentence.chars for each in drift(found) if each.sentence), sentence.where

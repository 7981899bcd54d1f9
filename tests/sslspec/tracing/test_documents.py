"""The documents that the ledgers were made of: all of each is known, and whatever changes in a copy is found where it is.

Five are collected; the others are of real releases, pages and headers (see .ci/fetch_pages.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sslspec.ledger import Ledger, ledgers
from sslspec.pages import Page, parse_all
from sslspec.pages.recognise import PAGES
from sslspec.pages.sentences import SYNOPSIS, Sentence
from sslspec.pages.source import Source
from sslspec.tracing.match import DRIFT, Finding, Trace, Traced, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OURS = [ledger for page in PAGES for ledger in ledgers(page)]
HEADER = "C header"
#: What stands before a line of text.
MARGIN = {HEADER: "// "}
HEADERS = pytest.mark.parametrize(
    "ledger", [ledger for ledger in OURS if ledger.format == HEADER], ids=lambda ledger: f"{ledger.page}-{ledger.edition}"
)
EACH = pytest.mark.parametrize("ledger", OURS, ids=lambda ledger: f"{ledger.page}-{ledger.edition}")


def traced(text: str, page: Page) -> Trace:
    (copy,) = (copy for copy in parse_all(Source("copy", text)) if copy.id == page.id)
    return trace(copy, ledgers(page.id))


def drift(found: Trace) -> list[Traced]:
    return [each for each in found.sentences if each.finding in DRIFT]


def at(found: Trace, place: int) -> Traced:
    """Return what was found of the sentence that stands at `place` of its input."""
    return [each for each in found.sentences if each.sentence and each.sentence.place <= place][-1]


@EACH
def test_every_sentence_is_known(page_of: Callable[[Ledger], Page], ledger: Ledger) -> None:
    found = trace(page_of(ledger), ledgers(ledger.page))
    assert found.ledger.edition == ledger.edition
    assert {each.finding for each in found.sentences} == {Finding.KNOWN}
    assert [each.known.entry for each in found.sentences if each.known] == list(ledger.entries)
    assert not found.drifted


@EACH
def test_a_changed_letter_is_found_in_every_sentence(page_of: Callable[[Ledger], Page], ledger: Ledger) -> None:
    page = page_of(ledger)
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
def test_a_removed_sentence_is_missed_where_it_was(page_of: Callable[[Ledger], Page], ledger: Ledger) -> None:
    page = page_of(ledger)
    for number, (start, end) in enumerate(_stretches(page)):
        if page.format == HEADER and page.sentences[number].section == SYNOPSIS:
            continue  # all that belongs to it goes with it, see below
        found = traced(_without(page.source.text, start, end), page)
        missing = [each.known.entry.where for each in found.sentences if each.finding is Finding.MISSING and each.known]
        sentence = page.sentences[number]
        assert sentence.where in missing, sentence.where
        # What stands around it may have got or lost a hole; what stood below a heading has another one.
        assert sentence.number == 0 or len(drift(found)) <= 3, sentence.where


@HEADERS
def test_without_its_declaration_a_comment_belongs_to_nothing(page_of: Callable[[Ledger], Page], ledger: Ledger) -> None:
    page = page_of(ledger)
    declared = [number for number, sentence in enumerate(page.sentences) if sentence.section == SYNOPSIS]
    for number, (start, end) in enumerate(_stretches(page)):
        if number in declared:
            left = parse_all(Source("copy", _without(page.source.text, start, end)))
            before = page.sentences[max([0, *(other + 1 for other in declared if other < number)]) : number + 1]
            said = {sentence.fingerprint for copy in left for sentence in copy.sentences}
            assert before
            assert said.isdisjoint(sentence.fingerprint for sentence in before)


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
def test_an_added_sentence_is_found_after_every_other(page_of: Callable[[Ledger], Page], ledger: Ledger) -> None:
    page = page_of(ledger)
    text = page.source.text
    for sentence in page.sentences:
        end = _behind(text, page, sentence)
        new = "Quux frobs the zork, unheard of."
        found = traced(f"{text[:end]}\n{MARGIN.get(page.format, '')}{new} {text[end:].lstrip(' ')}", page)
        assert found.drifted, sentence.where
        assert any("Quux" in each.sentence.chars for each in drift(found) if each.sentence), sentence.where


def _behind(text: str, page: Page, sentence: Sentence) -> int:
    """Return where a line with a new sentence can be put in: behind `sentence`, but before a declaration that has comments."""
    words = [word for word in sentence.words if not word.is_hole]
    if page.format == HEADER and sentence.section == SYNOPSIS:
        return text.rindex("\n", 0, words[0].place)
    if sentence.section == SYNOPSIS or sentence.number == 0 or sentence.outside:
        return text.find("\n", words[-1].end)
    return words[-1].end

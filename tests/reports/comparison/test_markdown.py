from __future__ import annotations

from markdown_it import MarkdownIt

from sslspec.reports import markdown as of_reports
from sslspec.reports.comparison.markdown import render


def tags(text: str) -> set[str]:
    return {token.tag for token in MarkdownIt("commonmark").enable("table").parse(text)}


def inner(text: str) -> set[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return {child.type for token in tokens for child in token.children or ()}


def test_what_is_worse_comes_first(every_way):
    text = render(every_way)
    order = [
        "# sslspec: 3 implementations compared",
        "**Worse: of the rows, 2 began",
        "- same: 1 row as before",
        "- unable could not be run: no cc",
        "## Worse: deviates, crashes or hangs",
        "### SSL\\_set\\_session.3/a-rule",
        "**one, two**",
        "- was: conforms",
        "- shown by: sslspec explain a-rule -i one=/usr/lib/libssl.so.3",
        "## Worse: can no longer be observed",
        "## Fixed",
        "## Can be observed now",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert tags(text) >= {"h1", "h2", "h3", "ul", "li", "p"}


def test_nothing_from_outside_is_interpreted(hostile):
    text = render(hostile)
    text.encode()
    assert inner(text) <= {"text", "text_special", "softbreak", "strong_open", "strong_close"}
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_it_fits_a_comment_and_says_what_does_not(every_way, monkeypatch):
    monkeypatch.setattr(of_reports, "LIMIT", 900)
    text = render(every_way)
    assert len(text) <= 900
    assert text.endswith("lines before the end: `--format json` has the rest.*\n")
    assert "**Worse: " in text

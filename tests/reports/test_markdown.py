from __future__ import annotations

from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from sslspec.clauses import EDITIONS, Kind
from sslspec.evidence import Event
from sslspec.record import Identity, NotRun
from sslspec.reports import markdown
from sslspec.reports.markdown import LIMIT, escape, fitted, render
from sslspec.reports.words import plain
from sslspec.verdicts import Verdict


class Page(HTMLParser):
    """What a browser would make of it: the tags, and the cells of each line of a table."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.rows = set(), []
        self.feed(MarkdownIt("commonmark").enable("table").render(text))

    def handle_starttag(self, tag, _attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1


@pytest.mark.parametrize(
    "text", ["a|b", "`a`", "<b>", "a\nb", "*a* _b_ ~~c~~", "[a](http://b)", "&amp;", "\\|", "\\", "# a", "$a$", "\x1b[31m", "| --- |"]
)
def test_escaped_text_is_shown_as_it_stands(text):
    for around in ("{}", "- {}", "| |\n| --- |\n| {} |"):
        html = MarkdownIt("commonmark").enable("table").render(around.format(escape(text)))
        shown = unescape("".join(part.partition(">")[2] for part in html.split("<"))).replace("\u200b", "")
        assert shown.strip() == plain(text)


@pytest.mark.parametrize("text", ["@user", "mail@user", "#12", "owner/name#12", "https://example.org", "www.example.org", "GH-12"])
def test_nobody_is_mentioned_and_nothing_linked(text):
    assert "&#8203;" in escape(text)


def test_all_sections_are_there(full):
    text = render(full)
    order = [
        "# sslspec: 4 findings",
        "ERROR: the suite",
        "## Implementations",
        "## Clauses",
        "## 4 findings",
        "## Answers",
        "## Not run",
        "## Rows that",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "OpenSSL 1.1.1k 25 Mar 2021" in text
    assert "**CRASHES**" in text
    assert "install a C compiler" in text
    assert "other reading: It counts twice." in text


def test_tables_are_tables(full):
    page = Page(render(full))
    assert {"table", "h2", "details", "pre"} <= page.tags
    assert set(page.rows) == {3, 4, 6, 1 + len(EDITIONS)}


def test_evidence_can_be_unfolded(full):
    crash = replace(full.rows[2], evidence=(Event("step", "Given </pre> & <b>"), Event("call", "SSL_new", ("ctx1",), "client1")))
    text = render(replace(full, rows=(*full.rows[:2], crash, *full.rows[3:])))
    assert "<pre>Given &lt;/pre&gt; &amp; &lt;b&gt;\n    SSL_new(ctx1) = client1</pre>" in text


def test_nothing_from_outside_is_interpreted(make):
    evil = make.hostile
    row = make.row(
        Verdict.DEVIATES, expected=evil, observed=evil, reason=evil, scenario=evil, implementation=evil, evidence=(Event("step", evil),)
    )
    answer = make.row(Verdict.ANSWERED, "a-question", answer=evil, scenario=evil, implementation=evil)
    unseen = make.row(Verdict.NOT_OBSERVABLE, reason=evil, implementation=evil)
    error = make.row(Verdict.ERROR, reason=evil, implementation=evil)
    clauses = [make.clause(says=evil), make.clause("a-question", Kind.QUESTION, says=evil)]
    record = make.record([row, answer, unseen, error], clauses, implementations=(Identity(evil, evil, evil),))
    text = render(replace(record, not_run=(NotRun(evil, evil, evil),)))
    text.encode()
    page = Page(text)
    assert not page.tags & {"b", "code", "a", "img", "script"}
    assert set(page.rows) == {2, 3, 4}
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_what_is_too_long_is_left_out_by_name_from_what_can_be_looked_up(full, judged, monkeypatch):
    rows = {id(row): row for row in (*full.rows, *judged.rows)}.values()
    clauses = {clause.id: clause for clause in (*full.clauses, *judged.clauses)}.values()
    record = replace(full, rows=tuple(rows), clauses=tuple(clauses), compared=judged.compared)
    parts = {
        "what was done and seen, call by call": "<details>",
        "editions": "## Editions",
        "what is known, in detail": "- why: It forgets.",
        "answers": "## Answers",
        "rows that ran to no verdict": "## Rows that ran",
    }
    text = render(record)
    assert "Left out" not in text
    for number, name in enumerate(parts, start=1):
        assert parts[name] in text
        monkeypatch.setattr(markdown, "LIMIT", len(text) - 1)
        text = render(record)
        assert len(text) < markdown.LIMIT
        assert parts[name] not in text
        left_out = "; ".join(list(parts)[:number])
        assert text.endswith(f"\n*Left out, to fit a comment: {left_out}. The rest is in report.html and record.json.*\n")
    assert f"- SSL\\_set\\_session.3/known: deviates: one (library, <{judged.compared.entries[0].link}>)\n" in text


def test_what_is_still_too_long_is_cut_and_says_how_much_is_missing(full, monkeypatch):
    lines = render(full).splitlines()
    for limit in (1000, 2000):
        monkeypatch.setattr(markdown, "LIMIT", limit)
        text = fitted(lines, "the record has the rest")
        kept = text.splitlines()[:-2]
        assert len(text) <= limit
        assert kept == lines[: len(kept)]
        assert text.endswith(f"\n\n*Cut off here, {len(lines) - len(kept)} lines before the end: the record has the rest.*\n")
    assert len(render(full)) <= limit


def test_the_limit_is_below_that_of_a_comment():
    assert LIMIT < 65_536


def test_what_is_new_comes_first_and_what_is_known_apart(judged):
    text = render(judged)
    order = [
        "# sslspec: 2 new findings",
        "## Clauses",
        "## 2 new findings",
        "### SSL\\_set\\_session.3/new",
        "**NO LONGER AS KNOWN**: one",
        "**ANSWER CHANGED**: one",
        "## 3 known, and why (features)",
        "- whose: library",
        "- why: It forgets.",
        "1 row of known deviations could not be seen: deviations/d.toml, entry 4 (one)",
        "2 answers were not compared",
        "## Answers",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    for cell in ("| crashes |", "| **DEVIATES** |", "| **ok 1/2 !** |", "| **answered !** |"):
        assert cell in text


def test_the_link_of_an_entry_can_be_opened_and_nothing_else_can(judged):
    assert "- link: <https://example.org/a_b?c=1#d>" in render(judged)
    assert '<a href="https://example.org/a_b?c=1#d">' in MarkdownIt("commonmark").render(render(judged))
    for hostile in ("https://example.org/> <b>", "javascript:alert(1)", "https://example.org/@user", "https://example.org/\n\n# a"):
        entry = replace(judged.compared.entries[0], link=hostile)
        record = replace(judged, compared=replace(judged.compared, entries=(entry, *judged.compared.entries[1:])))
        assert not Page(render(record)).tags & {"a", "b"}


def test_each_is_held_to_its_own(own):
    text = render(own)
    assert "\nHeld to the documentation of their own, 2026" in text
    assert "| SSL\\_set\\_session.3 | kind | one, openssl-2001 | two, openssl-1.1.1 |" in text


def test_editions_come_last(full):
    _, text = render(full).split("\n## Editions\n")
    assert "| openssl-2001 | SSL\\_set\\_session.3 | 9 | 2 | 2 | 1 to the caller, 4 heading, 2 prototype |" in text
    assert "\n- SSL\\_set\\_session.3, openssl-1.1.1, since openssl-2001: gained: late, always\n" in text
    assert "## Editions" not in render(replace(full, editions=()))

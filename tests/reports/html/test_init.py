from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest

from sslspec.reports.html import render


@pytest.fixture(params=["full", "judged", "hostile"])
def page(request, parse):
    return parse(render(request.getfixturevalue(request.param)))


def test_nothing_from_outside_is_interpreted(hostile, parse):
    text = render(hostile)
    text.encode()
    page = parse(text)
    assert not page.all("img")
    assert len(page.all("script")) == 2
    assert not [tag for tag in page.tags for name in tag.attributes if name.startswith("on") or name == "style"]
    assert not [tag for tag in page.tags if "evil" in tag.attributes.get("class", "").split()]
    assert "{{ 6 * 7 }}" in page.all("main")[0].text
    assert not {"\x1b", "\x07", "\u202e", "\u2028"} & set(text)


def test_only_an_address_of_the_web_is_a_link(hostile, judged, parse):
    assert not [tag for tag in parse(render(hostile)).all("a") if not tag.attributes["href"].startswith("#")]
    assert [tag.text for tag in parse(render(judged)).all("a", href="https://example.org/a_b?c=1#d")]
    entry = replace(judged.compared.entries[0], link='https://example.org/"onclick="a')
    record = replace(judged, compared=replace(judged.compared, entries=(entry, *judged.compared.entries[1:])))
    assert not [tag for tag in parse(render(record)).all("a") if not tag.attributes["href"].startswith("#")]


def test_the_policy_allows_the_page_s_own_style_and_script_and_nothing_else(page):
    (policy,) = [tag.attributes["content"] for tag in page.all("meta") if "http-equiv" in tag.attributes]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in (page.all("style")[0], page.all("script")[-1]):
        assert base64.b64encode(sha256(tag.text.encode()).digest()).decode() in policy


def test_nothing_is_loaded_from_elsewhere(page):
    assert not [tag for tag in page.tags if "src" in tag.attributes or "action" in tag.attributes]
    assert [tag.attributes["href"] for tag in page.all("link")] == ["data:,"]


def test_every_id_is_there_once_and_every_link_leads_somewhere(page):
    ids = Counter(tag.attributes["id"] for tag in page.tags if "id" in tag.attributes)
    assert max(ids.values()) == 1
    for tag in page.all("a"):
        target = tag.attributes["href"].removeprefix("#")
        assert target in ids or target.startswith(("cell/", "https://")), target
    for tag in page.tags:
        assert tag.attributes.get("aria-labelledby", "matrix") in ids


def test_headings_of_tables_say_what_they_are_of(page):
    assert {tag.attributes.get("scope") for tag in page.all("th")} <= {"row", "col", "rowgroup", "colgroup"}
    assert len(page.all("caption")) == len(page.all("table"))


def test_findings_come_by_whose_they_are_and_new_ones_first(judged, parse):
    text = parse(render(judged)).all("section", id="findings")[0].text
    order = ["New: nobody has entered these", "No longer as known", "ANSWER CHANGED", "the library would have to change", "undecided"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_without_a_script_findings_and_matrix_can_be_read(full, parse):
    page = parse(render(full))
    findings = page.all("section", id="findings")[0].text
    assert "expected" in findings
    assert "SSL_clear(client1) = (did not return)" in findings
    words = [tag.text for tag in page.all("td") if "crashes" in tag.attributes.get("class", "")]
    assert words == ["CRASHES"]
    hidden = [tag.attributes.get("id") for tag in page.tags if "hidden" in tag.attributes]
    assert hidden == [None, "filter", "cell", "differences"]
    assert "Without JavaScript" in page.all("noscript")[0].text


def test_editions_lead_to_the_clauses_that_they_gained(full, make, parse):
    section = parse(render(full)).all("section", id="editions")[0]
    assert "4 heading, 2 prototype" in section.text
    assert "gained: late, always" in " ".join(section.text.split())
    assert 'href="#editions"' not in render(make.record([make.row()]))


def test_what_answers_a_question_is_linked_both_ways(full, parse):
    articles = {tag.attributes.get("id"): tag.text for tag in parse(render(full)).all("article")}
    asked, rule = (f"clause/SSL_set_session.3/{name}" for name in ("a-question", "late"))
    assert "Other editions answer it: SSL_set_session.3/late" in articles[asked]
    assert "It answers what other editions leave open: SSL_set_session.3/a-question" in articles[rule]


def test_a_record_of_nothing_is_a_page(make):
    assert "No deviation, crash or hang" in render(make.record([]))


def test_the_data_is_json_that_no_parser_of_html_takes_for_markup(hostile):
    text = render(hostile)
    data = text.partition('id="data">')[2].partition("</script>")[0]
    assert not set("<>&") & set(data)
    assert json.loads(data)["clauses"][0] == "SSL_set_session.3/a-rule"

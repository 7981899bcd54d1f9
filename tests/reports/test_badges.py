from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from sslspec.clauses import Kind
from sslspec.known import Compared
from sslspec.record import Identity, Results
from sslspec.reports.badges import GREEN, GREY, ORANGE, RED, badge_of, endpoint, render, stem, svg
from sslspec.verdicts import Verdict

#: What shields.io takes from an endpoint: the properties that we use, as https://shields.io/badges/endpoint-badge has them.
ENDPOINT = {
    "type": "object",
    "properties": {
        "schemaVersion": {"const": 1},
        "label": {"type": "string"},
        "message": {"type": "string", "minLength": 1},
        "color": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
        "isError": {"type": "boolean"},
    },
    "required": ["schemaVersion", "label", "message"],
    "additionalProperties": False,
}

UNSEEN = (Verdict.NOT_OBSERVABLE, Verdict.NOT_IMPLEMENTED, Verdict.NOT_APPLICABLE, Verdict.DISABLED)


def made(make, *verdicts, question=None, folder="features", **more):
    """Return the badge of an implementation with a rule of each verdict (None: it was not run), and perhaps a question."""
    clauses = [make.clause(f"r{number}") for number in range(len(verdicts))] + [make.clause("q", Kind.QUESTION)]
    rows = [make.row(verdict, f"r{number}") for number, verdict in enumerate(verdicts) if verdict]
    rows += [make.row(question, "q", answer="yes")] if question else []
    return badge_of(Results(make.record(rows, clauses, ["one"], compared=Compared(folder), **more)), "one")


def test_it_counts_what_was_checked_and_says_what_was_not(make):
    badge = made(make, Verdict.CONFORMS, Verdict.CONFORMS, Verdict.DEVIATES, *UNSEEN[:2])
    assert badge.label == "sslspec openssl-1.1.1"
    assert badge.message == "2 of 3 clauses, 2 not checked"
    assert badge.title == ("sslspec: one, held to openssl-1.1.1: 2 of 3 clauses, 2 not checked; what it does otherwise is known")
    assert made(make, Verdict.CONFORMS).message == "1 of 1 clauses"


@pytest.mark.parametrize("verdict", [*UNSEEN, Verdict.ERROR, None])
def test_it_is_never_green_where_nothing_was_checked(make, verdict):
    badge = made(make, verdict, verdict, question=Verdict.ANSWERED)
    assert (badge.message, badge.colour, badge.error) == ("nothing checked", GREY, True)


@pytest.mark.parametrize(("unseen", "colour"), [(0, GREEN), (2, GREEN), (3, GREY)])
def test_less_than_half_is_no_statement(make, unseen, colour):
    badge = made(make, Verdict.CONFORMS, Verdict.CONFORMS, *[None] * unseen)
    assert (badge.colour, badge.error) == (colour, colour == GREY)


@pytest.mark.parametrize("verdict", [Verdict.DEVIATES, Verdict.CRASHES, Verdict.HANGS])
def test_the_colour_says_whether_it_is_known(make, verdict):
    known = made(make, Verdict.CONFORMS, verdict)
    assert (known.message, known.colour, known.error) == ("1 of 2 clauses", ORANGE, False)
    new = made(make, Verdict.CONFORMS, verdict, folder="")
    assert (new.message, new.colour, new.error) == ("1 of 2 clauses", RED, True)


def test_something_new_beside_what_is_known_is_red(judged):
    assert badge_of(Results(judged), "one").colour == RED


def test_an_error_of_the_suite_is_no_statement_either(make):
    badge = made(make, Verdict.CONFORMS, Verdict.CONFORMS, Verdict.ERROR)
    assert (badge.message, badge.colour, badge.error) == ("2 of 2 clauses, 1 not checked", GREY, True)


@pytest.mark.parametrize("verdict", [Verdict.CRASHES, Verdict.HANGS])
def test_a_crash_where_the_page_is_silent_is_told(make, verdict):
    badge = made(make, Verdict.CONFORMS, question=verdict)
    assert (badge.message, badge.colour) == ("1 of 1 clauses, 1 crash or hang", ORANGE)
    assert made(make, Verdict.CONFORMS, question=verdict, folder="").colour == RED


def test_each_is_counted_by_the_edition_that_it_was_held_to(own):
    results = Results(own)
    assert [(badge_of(results, name).label, badge_of(results, name).message) for name in own.names()] == [
        ("sslspec openssl-2001", "1 of 1 clauses"),
        ("sslspec openssl-1.1.1", "1 of 2 clauses"),
    ]


def test_a_service_can_read_the_endpoint(full, judged):
    for record in (full, judged):
        for text in (text for name, text in render(record).items() if name.endswith(".json")):
            Draft202012Validator(ENDPOINT).validate(json.loads(text))


def parts(text):
    """Return the image, and the texts that are seen."""
    image = ET.fromstring(text)
    return image, image.findall(".//{http://www.w3.org/2000/svg}text")


def test_the_image_can_be_read_without_being_seen(make):
    badge = made(make, Verdict.CONFORMS)
    image, texts = parts(svg(badge))
    assert image.get("role") == "img"
    assert image.get("aria-label") == badge.title == image.find("{http://www.w3.org/2000/svg}title").text
    assert [text.text for text in texts] == [badge.label, badge.message]


@pytest.mark.parametrize("message", ["1 of 1 clauses", "WWWWWWWW", "iiiiiiii", "\u6f22\u5b57", "a\u0301\u0302\u0303"])
def test_the_image_is_as_wide_as_its_texts(make, message):
    image, texts = parts(svg(replace(made(make, Verdict.CONFORMS), message=message)))
    (left, first), (right, second) = [(float(text.get("x")), float(text.get("textLength"))) for text in texts]
    assert (left, right) == (6, left + first + 12)
    assert float(image.get("width")) == right + second + 6
    narrow, wide = {"i": (3, 4), "W": (10, 11), "\u6f22": (11, 11), "a": (1.5, 2)}.get(message[0], (5, 8))
    assert narrow <= second / len(message) <= wide


def contrast(colour):
    """Return the contrast of a colour to white, as WCAG 2 has it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


@pytest.mark.parametrize("colour", [GREEN, ORANGE, RED, GREY, "#555555"])
def test_white_text_can_be_read_on_it(colour):
    assert contrast(colour) >= 4.5


def test_hostile_text_is_text(make):
    evil = f"{make.hostile}\ufffe\x00<script>alert(1)</script>"
    row = make.row(implementation=evil)
    record = make.record(
        [row], [make.clause(stated={evil: ()})], implementations=(Identity(evil, evil, evil, edition=evil),), edition="own"
    )
    for name, text in render(record).items():
        assert re.fullmatch(r"[a-z0-9-]+-[0-9a-f]{16}\.(svg|json)", name)
        assert len(name) < 80
        text.encode()
        if name.endswith(".svg"):
            image, (label, _) = parts(text)
            assert {element.tag.partition("}")[2] for element in image.iter()} == {"svg", "title", "rect", "path", "g", "text"}
            assert "[bold]b[/bold] \\x1b[31mred" in label.text
            assert not {"\x1b", "\x07", "\u202e"} & set(text)


NAMES = [
    "model",
    "openssl-1.1.1k",
    "libressl-4.2.1+file",
    "a_b",
    "../../etc/passwd",
    "..",
    ".",
    "",
    "a/b",
    "a b",
    "a-b",
    "A-b",
    "\x00",
    "\udc80",
]


def test_names_become_files_of_the_folder_and_none_is_another_ones():
    names = [*NAMES, *(stem(name) for name in NAMES), "x" * 81, "x" * 300]
    stems = {name: stem(name) for name in names}
    assert [name for name in NAMES if stems[name] == name] == ["model", "openssl-1.1.1k", "libressl-4.2.1+file", "a_b", "a-b"]
    assert len({each.casefold() for each in stems.values()}) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9._+-]*", each) and len(each) <= 80 for each in stems.values())


def test_an_image_and_an_endpoint_for_each(full):
    assert list(render(full)) == ["one.svg", "one.json", "two.svg", "two.json"]
    assert endpoint(badge_of(Results(full), "one")) == render(full)["one.json"]

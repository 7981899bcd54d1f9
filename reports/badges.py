"""A badge for each implementation: an SVG, and the endpoint JSON that badge services such as shields.io make one from.

It counts the rules and readings of the edition that the implementation was held to, those that could be checked, and says beside it
how many could not. Its colour tells whether what the implementation does otherwise is known. It is green only where at least half was
checked: what a run of one clause leaves is no statement about a library.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from sslspec.clauses import Kind
from sslspec.record import Results
from sslspec.reports.words import plain
from sslspec.verdicts import FAILED, Verdict

if TYPE_CHECKING:
    from sslspec.record import ClauseResult, Record

#: White text can be read on each of them (WCAG: 4.5:1 and more).
GREEN, ORANGE, RED, GREY = "#1a7f37", "#bc4c00", "#cf222e", "#57606a"

#: Of the endpoint JSON, as shields.io defines it.
SCHEMA_VERSION = 1

#: In pixels, left and right of a text.
_PADDING = 6

#: What no edition and no number is longer than.
_LONGEST = 80

#: In pixels, of characters of Verdana and DejaVu Sans at 11 pixels; the SVG stretches its texts to the sum, so that near is good enough.
_WIDTHS = {
    3.2: "'ijlIJ",
    3.6: " ,./:;\\|",
    4.1: "-!()[]ft",
    5.1: '"*_`r',
    5.8: "?csz",
    6.6: "FLPTYaekovxy",
    7.7: "ABCKRVXZ",
    8.4: "&DGHNU",
    9.1: "#+<=>OQ^w~",
    10.6: "%@MWm",
}
_WIDTH_OF = {char: width for width, chars in _WIDTHS.items() for char in chars}
_ORDINARY, _WIDE = 7.0, 11.0

#: A name that is a file's as it stands, on any system. What looks like one of the others could be taken for it.
_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9._+-]{0,79}", re.ASCII)
_WITH_HASH = re.compile(r".*-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says. title: the whole of it in a sentence. error: whether nobody may give it another colour."""

    label: str
    message: str
    title: str
    colour: str
    error: bool


def render(record: Record) -> dict[str, str]:
    """Return file -> text, an SVG and an endpoint for each implementation."""
    results = Results(record)
    found: dict[str, str] = {}
    for name in record.names():
        badge = badge_of(results, name)
        found |= {f"{stem(name)}.svg": svg(badge), f"{stem(name)}.json": endpoint(badge)}
    return found


def badge_of(results: Results, name: str) -> Badge:
    """Return what the badge of an implementation says."""
    edition = results.record.held_to(name)
    stated = [(clause, results.of(name, clause.id)) for clause in results.record.clauses if edition in clause.stated]
    rules = [result for clause, result in stated if clause.kind in (Kind.RULE, Kind.READING)]
    kept = sum(result.verdict is Verdict.CONFORMS for result in rules)
    checked = kept + sum(result.verdict in FAILED for result in rules)
    beside = [result for clause, result in stated if clause.kind is Kind.QUESTION and result.verdict in FAILED]
    parts = [f"{kept} of {checked} clauses"] if checked else ["nothing checked"]
    parts += [f"{len(rules) - checked} not checked"] if checked < len(rules) and checked else []
    parts += ["1 crash or hang" if len(beside) == 1 else f"{len(beside)} crashes or hangs"] if beside else []
    colour, why = _colour([result for _, result in stated], enough=bool(checked) and 2 * checked >= len(rules))
    if name in results.record.incomplete():
        parts, colour, why = ["not finished", *parts], GREY, "the run was broken off"
    message, edition = ", ".join(parts), plain(edition)[:_LONGEST]
    title = f"sslspec: {plain(name)}, held to {edition}: {message}; {why}"
    return Badge(f"sslspec {edition}", message, title, colour, error=colour in (RED, GREY))


def _colour(results: list[ClauseResult], *, enough: bool) -> tuple[str, str]:
    """Return a colour, and in words why it is that."""
    failed = [result for result in results if result.verdict in FAILED]
    if any(not result.known for result in failed):
        return RED, "a deviation, crash or hang is new"
    if any(result.verdict is Verdict.ERROR for result in results):
        return GREY, "the suite itself failed"
    if failed:
        return ORANGE, "what it does otherwise is known"
    return (GREEN, "nothing is otherwise") if enough else (GREY, "that is too little for a statement")


def svg(badge: Badge) -> str:
    """Return the badge as an image; it looks the same on light and dark pages."""
    left, right = (round(_width(text)) + 2 * _PADDING for text in (badge.label, badge.message))
    environment = Environment(
        loader=PackageLoader("sslspec.reports"), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template("badge.svg").render(badge=badge, left=left, width=left + right, padding=_PADDING)


def endpoint(badge: Badge) -> str:
    """Return the badge as the JSON that a badge service reads from an address."""
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "label": badge.label,
        "message": badge.message,
        "color": badge.colour,
        "isError": badge.error,
    }
    return json.dumps(document, indent=1) + "\n"


def stem(name: str) -> str:
    """Return what the files of an implementation are called, before the dot; different names have different ones."""
    if _PLAIN_NAME.fullmatch(name) and not _WITH_HASH.fullmatch(name):
        return name
    shown = re.sub(r"[^a-z0-9]+", "-", name.lower(), flags=re.ASCII).strip("-")[:40]
    hashed = sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{shown or 'implementation'}-{hashed}"


def _width(text: str) -> float:
    """Return about how many pixels wide a text is shown."""
    return sum(_width_of(char) for char in text)


def _width_of(char: str) -> float:
    if unicodedata.combining(char):
        return 0
    return _WIDE if unicodedata.east_asian_width(char) in "WF" else _WIDTH_OF.get(char, _ORDINARY)

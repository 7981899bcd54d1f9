"""One HTML page for people: findings, matrix, clauses, questions and implementations, in a file that needs nothing else.

What is shown is in `view`, what the page's script reads is in `data`, how it looks is in `templates/`. Everything from a record
is escaped by Jinja, and goes through `plain` before, so that no text can act or hide another. Styles and script are allowed by their
hash alone, and nothing may be loaded from anywhere.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sslspec.record import Results
from sslspec.reports import words
from sslspec.reports.history_words import CAUTION
from sslspec.reports.html.data import embedded
from sslspec.reports.html.programs import Programs
from sslspec.reports.html.timeline import timelines
from sslspec.reports.html.view import address, linked, page
from sslspec.reports.words import plain, short_name

if TYPE_CHECKING:
    from sslspec.record import Record
    from sslspec.reports.html.view import Page

#: What the words of a cell mean.
_MEANINGS = {
    "ok": "Every statement held; ok 6/8: in the 6 of 8 rows that could be seen.",
    "deviates, crashes, hangs": "Known: it is entered, with whose it is and why. In capitals: new.",
    "answered": "What the library does where the page is silent.",
    "no function": "A function that the clause is about is missing.",
    "not seen": "The adapter cannot see what the scenario needs; that is never a pass.",
    "n/a": "The edition does not state it, or the library lacks the protocol.",
    "disabled": "It is only run when asked for.",
    "ERROR": "The suite itself failed; the library is not judged.",
    "!": "It is no longer as known, or the answer is another one than before.",
}


def render(record: Record) -> str:
    """Return the record as one HTML page."""
    environment = _environment()
    style, script = (_source(environment, name) for name in ("page.css", "page.js"))
    shown, programs = page(record), Programs(record)
    # Before the data, which has all programs that were asked for.
    findings = [(found.on, found.clause.id, found.row) for group in shown.groups for found in group.shown if found.on]
    reproducers = {finding: programs.of_finding(*finding) for finding in findings}
    return environment.get_template("page.html").render(
        page=shown,
        partial=words.partial(record),
        timelines=timelines(Results(record)),
        caution=CAUTION,
        reproducers=reproducers,
        verdicts=_MEANINGS.items(),
        legend=_legend(shown),
        # Of our own making, or escaped by `embedded`.
        style=Markup(style),  # noqa: S704  # as said above
        script=Markup(script),  # noqa: S704  # as said above
        data=Markup(embedded(record, programs)),  # noqa: S704  # as said above
        policy=_policy(style, script),
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("sslspec.reports.html", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(address=address, linked=linked, short_name=short_name)
    environment.filters["line"] = escape  # an indented line, plain already
    return environment


def _legend(shown: Page) -> list[tuple[str, str]]:
    """Return the verdicts of the matrix, each with the mark that it has there."""
    marks = {cell.mark for cell in shown.cells.values()}
    return [(words.KNOWN.get(verdict, text), verdict.value) for verdict, text in words.SHORT.items() if verdict.value in marks]


def _shown(value: object) -> object:
    """Return what a template's expression becomes: text in one line in which nothing acts."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _source(environment: Environment, name: str) -> str:
    assert environment.loader  # noqa: S101  # it was given one above
    return environment.loader.get_source(environment, name)[0].strip()


def _policy(style: str, script: str) -> str:
    style_hash, script_hash = (base64.b64encode(sha256(text.encode()).digest()).decode() for text in (style, script))
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )

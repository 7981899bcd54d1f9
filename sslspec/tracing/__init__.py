"""Tracing pages: what the ledger knows of each of their sentences. `match` finds it out, `show` and `as_json` say it."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from sslspec.clauses import features_folder
from sslspec.ledger import ledgers
from sslspec.pages import read_pages
from sslspec.pages.recognise import PAGES
from sslspec.scenarios import counted
from sslspec.tracing.match import Trace, trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def traced(names: Sequence[str], edition: str | None = None) -> list[Trace]:
    """Return what is known of the pages in the files called `names`, "-" for standard input.

    Raises UsageError for one that cannot be read, or that `edition` does not have.
    """
    of_files = [[trace(page, ledgers(page.id), edition) for page in read_pages(name)] for name in names]
    return [found for of_file in of_files for found in (*of_file, *_gone(of_file))]


def _gone(of_file: Sequence[Trace]) -> Iterator[Trace]:
    """Go through the pages that a file has lost, and that the document has which it was compared with: all of each is missing."""
    first = of_file[0]
    for id_ in PAGES.keys() - {found.page.id for found in of_file}:
        for ledger in ledgers(id_):
            if (ledger.edition, ledger.sha256) == (first.ledger.edition, first.ledger.sha256):
                yield trace(replace(first.page, id=id_, sentences=()), [ledger])


def rendered(traces: Sequence[Trace], form: str) -> str:
    """Return `traces` in a format, "text" or "json"; what the terminal has no letters for is written as an escape."""
    scenarios = counted(features_folder())
    if form == "json":
        from sslspec.tracing.as_json import dumps  # noqa: PLC0415  # each format is only for those who ask for it

        return dumps(traces, scenarios)
    from sslspec.tracing.show import text_of  # noqa: PLC0415

    text = "\n".join(text_of(found, scenarios) for found in traces)
    encoding = sys.stdout.encoding or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)

"""Tracing pages: what the ledger knows of each of their sentences. `match` finds it out, `show` and `as_json` say it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sslspec.clauses import features_folder
from sslspec.ledger import ledgers
from sslspec.pages import read_pages
from sslspec.scenarios import counted
from sslspec.tracing.match import Trace, trace

if TYPE_CHECKING:
    from collections.abc import Sequence


def traced(names: Sequence[str], edition: str | None = None) -> list[Trace]:
    """Return what is known of the pages in the files called `names`, "-" for standard input.

    Raises UsageError for one that cannot be read, or that `edition` does not have.
    """
    pages = [page for name in names for page in read_pages(name)]
    return [trace(page, ledgers(page.id), edition) for page in pages]


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

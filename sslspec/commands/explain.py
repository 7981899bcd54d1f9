"""`sslspec explain`: one clause, in words and, with -i, call by call."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sslspec.clauses import specification
from sslspec.commands import options
from sslspec.commands.outcome import status

if TYPE_CHECKING:
    from pathlib import Path


@click.command("explain")
@click.argument("clause")
@options.implementations
@options.edition_or_own
@options.undefined
@options.expectations
def explain(*, clause: str, names: tuple[str, ...], edition: str, undefined: bool, expectations: Path | None) -> None:
    """Say what CLAUSE means, which editions state it and which scenarios check it; with -i also run it, call by call.

    Which libraries are known to do otherwise, and why, is said as well.

    \b
    Examples:
      sslspec explain reference-added
      sslspec explain SSL_set_session.3/open-session-leaves-cache -i openssl-1.1.1k
      sslspec explain two-contexts -i system --undefined
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec import listing  # noqa: PLC0415
    from sslspec.run import Request, expectations_of  # noqa: PLC0415
    from sslspec.terminal import run_with_progress  # noqa: PLC0415

    found = specification().clause(clause)
    request = Request(names, edition, (found.id,), undefined=undefined, expectations=expectations)
    known = expectations_of(request).deviations
    click.echo("\n".join([*listing.explained(found), *listing.known(found, known)]))
    if not names:
        return
    record = run_with_progress(request)
    click.echo("\n".join(listing.observed(record)))
    sys.exit(status(record, names))

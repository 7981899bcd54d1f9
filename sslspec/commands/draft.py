"""`sslspec draft`: what a page could say of a clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sslspec.clauses import specification
from sslspec.commands import options

if TYPE_CHECKING:
    from pathlib import Path


@click.command("draft")
@click.argument("clause")
@click.option("--format", "form", default="both", show_default=True, type=click.Choice(["pod", "mdoc", "both"]), help="How to write it.")
@click.option("--edition", callback=options.edition_or_none, help="The edition of the page; otherwise the usual one or the newest.")
@options.expectations
def draft(*, clause: str, form: str, edition: str | None, expectations: Path | None) -> None:
    """Propose what a page could say of CLAUSE: where its sentence is vague or untrue of some library, or where it is silent.

    The proposal is in POD and in mdoc, with comments that say what it is about and where each part of it belongs. It is made of our own
    words and of what libraries are known to do. For a rule that is kept by all, as far as is known, there is nothing to draft: that is
    said, and the exit status is 0 as well.

    \b
    Examples:
      sslspec draft no-part-on-server
      sslspec draft SSL_CTX_add_session.3/absent-marked --format mdoc --edition libressl-3.1.0
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.drafting import FORMATS, drafted, edition_for, written  # noqa: PLC0415  # click alone suffices for --help
    from sslspec.expectations import read_expectations  # noqa: PLC0415
    from sslspec.steps.collect import row_names  # noqa: PLC0415

    found = specification().clause(clause)
    for_edition = edition_for(found, edition)
    made = drafted(found, for_edition, read_expectations(expectations, specification(), row_names()))
    if not made.passages:
        click.echo(f"nothing to draft: {found.id} allows one reading, and no library is known to do otherwise")
        for question in specification().answered_by(found):
            click.echo(f"what libraries do where it is left open: sslspec draft {question.id}")
        return
    click.echo("\n".join(written(made, each) for each in (FORMATS if form == "both" else (form,))), nl=False)

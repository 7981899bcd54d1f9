"""`sslspec trace`: what is known of every sentence of a page."""

from __future__ import annotations

import sys

import click

from sslspec.commands import options
from sslspec.commands.outcome import complain


@click.command("trace")
@click.argument("pages", nargs=-1, required=True, metavar="PAGE...")
@click.option("--check", is_flag=True, help="Exit with 1 when a sentence is changed, new or missing.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json"]), help="How to say it.")
@click.option("--edition", callback=options.edition_or_none, help="Compare with this edition, and not with the nearest.")
def trace(pages: tuple[str, ...], *, check: bool, form: str, edition: str | None) -> None:
    """Say of every sentence of a man page what checks it, why nothing does, or that it is new or changed.

    PAGE is SSL_set_session(3) or SSL_CTX_add_session(3) in POD, mdoc, man, Markdown or as man shows it, or a C header whose comments
    document their functions: a file, perhaps compressed (gzip, bzip2, xz), or - for standard input.

    \b
    Signs: = known, ~ changed, + new, - missing, . not of the page.

    \b
    Examples:
      sslspec trace doc/man3/SSL_set_session.pod
      man SSL_set_session | sslspec trace -
      sslspec trace --check --format json man/SSL_*_session.3
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec import tracing  # noqa: PLC0415  # what the other commands do without

    traces = tracing.traced(pages, edition)
    for found in traces:
        if found.page.source.warning:
            complain(f"{found.page.source.name}: {found.page.source.warning}")
    click.echo(tracing.rendered(traces, form), nl=False)
    sys.exit(1 if check and any(found.drifted for found in traces) else 0)

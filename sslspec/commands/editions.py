"""`sslspec editions`: how the pages changed."""

from __future__ import annotations

import click


@click.command("editions")
def editions() -> None:
    """Show how the pages changed from edition to edition: clauses gained, lost and reworded.

    \b
    Examples:
      sslspec editions
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.editions import lines  # noqa: PLC0415

    click.echo("\n".join(lines()))

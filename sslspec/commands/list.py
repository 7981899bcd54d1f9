"""`sslspec list`: what there is to name on the other commands."""

from __future__ import annotations

import click


@click.command("list")
@click.argument("what", default="all", type=click.Choice(["all", "implementations", "editions", "clauses", "scenarios"]))
def list_(what: str) -> None:
    """List implementations, editions, clauses or scenarios.

    \b
    Examples:
      sslspec list
      sslspec list clauses
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec import listing  # noqa: PLC0415

    parts = {
        "implementations": listing.implementations,
        "editions": listing.editions,
        "clauses": listing.clauses,
        "scenarios": listing.scenarios,
    }
    chosen = ["implementations", "editions", "clauses"] if what == "all" else [what]
    click.echo("\n\n".join("\n".join(parts[part]()) for part in chosen))

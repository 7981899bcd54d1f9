"""`sslspec doctor`: what this machine can run, and what mends the rest."""

from __future__ import annotations

import sys

import click

from sslspec.commands import options


@click.command("doctor")
@options.implementations
def doctor(names: tuple[str, ...]) -> None:
    """Say what this machine can run, what is missing, and what mends it; with -i, what can be observed there.

    \b
    Examples:
      sslspec doctor
      sslspec doctor -i system
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec import health  # noqa: PLC0415

    if names:
        from sslspec.provisioning import bring_in  # noqa: PLC0415

        bring_in(names)
    healthy, lines = (True, health.of_implementations(names)) if names else health.of_machine()
    click.echo("\n".join(lines))
    sys.exit(0 if healthy else 1)

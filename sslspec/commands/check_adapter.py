"""`sslspec check-adapter`: what an author's program answers wrongly."""

from __future__ import annotations

import sys

import click


@click.command("check-adapter", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--limit", default=10.0, show_default=True, type=click.FloatRange(0.1, 600), help="Seconds that one answer may take.")
@click.argument("command", nargs=-1, required=True, metavar="PROGRAM [ARGUMENT]...", type=click.UNPROCESSED)
def check_adapter(command: tuple[str, ...], limit: float) -> None:
    """Say what PROGRAM, which is to speak the worker's protocol, answers wrongly; and what it can show.

    Also by its name, when an installed package offers it, or when it is ready in `sslspec list` and runs in a process of its own.

    The protocol is in adapters/PROTOCOL.md. The form of each answer is checked, names, evidence, and how it begins and ends. Whether
    the library behind it does what the pages say is for `sslspec run -i NAME=cmd:PROGRAM`.

    Exit status: 0 nothing is wrong, 1 something is, 2 there is no such program.

    \b
    Examples:
      sslspec check-adapter ./my-adapter
      sslspec check-adapter python3 my_adapter.py --library build/libssl.so
      sslspec check-adapter cpython
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.adapters.checking import check  # noqa: PLC0415  # what the other commands do without
    from sslspec.adapters.resolve import foreign  # noqa: PLC0415

    wrong = 0
    for finding in check(*foreign(command), limit):
        sign = "ok" if not finding.wrong else "WRONG" if finding.seen else "not seen"
        wrong += sign == "WRONG"
        click.echo(f"{sign:<9} {finding.title}" + (f": {finding.wrong}" if finding.wrong else ""))
        for line in finding.said:
            click.echo(f"          {line}")
    click.echo(f"\n{wrong} wrong" if wrong else "\nNothing is wrong. `sslspec run -i NAME=cmd:...` runs the scenarios on it.")
    sys.exit(1 if wrong else 0)

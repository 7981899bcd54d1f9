"""`sslspec reproduce`: a C program that shows what a library does otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sslspec.clauses import specification
from sslspec.commands import options

if TYPE_CHECKING:
    from sslspec.record import Record


@click.command("reproduce")
@click.argument("clause")
@click.option("-i", "--implementation", "name", required=True, metavar="NAME[=PATH]", help="The library that does otherwise.")
@click.option(
    "--record",
    "source",
    metavar="RECORD",
    type=click.Path(path_type=Path),
    help="Take it from the record of a run, instead of running the clause.",
)
@click.option("--row", default="", metavar="TEXT", help="Of several rows the one with this in its title, instead of the first.")
@options.edition_or_own
@options.undefined
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write the program to a file.")
def reproduce(  # noqa: PLR0913  # an argument for each option
    *, clause: str, name: str, source: Path | None, row: str, edition: str, undefined: bool, output: Path | None
) -> None:
    """Write a C program, made from the evidence, that shows what a library does otherwise than CLAUSE says.

    The program needs no header and no certificate. It exits with 1 where the deviation shows, with 0 where it does
    not, and with 2 where what leads to it goes otherwise.

    \b
    Examples:
      sslspec reproduce no-part-on-server -i openssl-1.1.1k -o repro.c && cc repro.c -lssl -lcrypto && ./a.out
      sslspec reproduce removed-is-not-resumed -i aws-lc-5.12.0 --row stateful
      sslspec reproduce open-session-leaves-cache -i system --record report/record.json
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.reports.files import write_text  # noqa: PLC0415
    from sslspec.reproducing import reproducer  # noqa: PLC0415

    record = _read(source) if source else _run(name, clause, edition, undefined=undefined)
    made = reproducer(record, name.partition("=")[0], clause, row=row, undefined=undefined)
    if output:
        write_text(output, made.text)
    else:
        click.echo(made.text, nl=False)
    if made.others:
        others = "; ".join(made.others)
        click.echo(f"This is {made.title!r}; --row chooses another one of the clause: {others}", err=True)


def _read(source: Path) -> Record:
    from sslspec.reports.record_json import read  # noqa: PLC0415  # jsonschema is slow to load

    return read(source)


def _run(name: str, clause: str, edition: str, *, undefined: bool) -> Record:
    from sslspec.run import Request  # noqa: PLC0415
    from sslspec.terminal import run_with_progress  # noqa: PLC0415

    return run_with_progress(Request((name,), edition, (specification().clause(clause).id,), undefined=undefined))

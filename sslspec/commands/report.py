"""`sslspec report`: other formats from a record that a run has left."""

from __future__ import annotations

from pathlib import Path

import click

from sslspec.commands.outcome import written


@click.command("report")
@click.argument("record", metavar="RECORD", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help="html, junit, markdown, badge or json; all but json otherwise. May be given again.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder to write to.  [default: the record's own]")
def report(record: Path, formats: tuple[str, ...], out: Path | None) -> None:
    """Make reports from RECORD, the record.json that a run has left, or its folder.

    \b
    Examples:
      sslspec report sslspec-report/record.json
      sslspec report record.json --format html --out public
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.reports import FORMATS, format_of, write_all  # noqa: PLC0415  # what the other commands do without
    from sslspec.reports.record_json import path_of, read  # noqa: PLC0415

    wanted = formats or [name for name in FORMATS if name != "json"]
    for name in wanted:
        format_of(name)
    paths = write_all(read(record), out or path_of(record).parent, wanted)
    click.echo("\n".join(written(paths)))

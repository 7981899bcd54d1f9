"""`sslspec report`: other formats from a record that a run has left, or a record from what one has left that was broken off."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sslspec.commands.outcome import complain, written
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from sslspec.record import Record


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
    Of a run that was broken off: its results.jsonl, or its folder. The record is then
    made too, and each report says that it is partial, and what is missing.

    \b
    Examples:
      sslspec report sslspec-report/record.json
      sslspec report record.json --format html --out public
      sslspec report sslspec-report/results.jsonl
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.reports import FORMATS, format_of, write_all  # noqa: PLC0415  # what the other commands do without
    from sslspec.reports.record_json import read  # noqa: PLC0415
    from sslspec.reports.words import partial  # noqa: PLC0415
    from sslspec.results import is_results, read_results, source_of  # noqa: PLC0415

    for name in formats:
        format_of(name)
    path = source_of(record)
    folder = out or path.parent
    unfinished = is_results(path)
    found = read_results(path) if unfinished else read(path)
    wanted = formats or [name for name in FORMATS if unfinished or name != "json"]
    if unfinished:
        _check_place(found, folder)
    click.echo("\n".join(written(write_all(found, folder, wanted))))
    if said := partial(found):
        complain(said)


def _check_place(record: Record, folder: Path) -> None:
    """Raise UsageError where the record of another run would be lost to what is left of one that was broken off."""
    from sslspec.reports.record_json import FILE  # noqa: PLC0415  # as above
    from sslspec.results import is_of_run  # noqa: PLC0415

    path = folder / FILE
    if path.exists() and not is_of_run(path, record):
        raise UsageError(f"{path} is of another run, and would be replaced; name another folder with --out")

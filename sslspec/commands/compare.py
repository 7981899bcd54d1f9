"""`sslspec compare`: what differs between two records, or between two libraries that are run for it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sslspec.clauses import check_edition_or_own
from sslspec.commands import options
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sslspec.comparison import Comparison
    from sslspec.record import Record


def _pairs(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for value in values:
        old, sign, new = value.partition("=")
        if not old or (sign and not new):
            raise UsageError(f"{value!r} names no implementation; write NAME or OLD=NEW")
        pairs.append((old, new or old))
    return pairs


def _edition(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    return check_edition_or_own(value) if value else ""


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option(
    "-i",
    "--implementation",
    "wanted",
    multiple=True,
    callback=_pairs,
    metavar="NAME|OLD=NEW",
    help="Of records: compare only this one, or these two, by their names there. May be given again.",
)
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "markdown", "json"]), help="How to say it.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="A file to write it to, instead of the terminal.")
@click.option("--strict", is_flag=True, help="Exit with 1 on any difference, not only where NEW is worse.")
@click.option("--edition", default="", callback=_edition, help="Of libraries: the edition to hold them to; `own`: each to its own.")
@click.option("--clause", "clauses", multiple=True, metavar="CLAUSE", help="Of libraries: run only this clause. May be given again.")
@options.undefined
@click.option("-n", "--jobs", default=1, type=click.IntRange(1, 64), help="Of libraries: processes to spread the work over.")
def compare(  # noqa: PLR0913  # an argument for each option
    *,
    old: str,
    new: str,
    wanted: list[tuple[str, str]],
    form: str,
    out: Path | None,
    strict: bool,
    edition: str,
    clauses: tuple[str, ...],
    undefined: bool,
    jobs: int,
) -> None:
    """Say what NEW does otherwise than OLD, each a record or a library.

    A record is a record.json, or the folder that a run left. Implementations of one name are
    compared; where each record has but one besides the model, these two. A library is a name of
    `sslspec list`, a libssl, a folder with one, or NAME=PATH; it is run, and needs no network
    when it is there.

    \b
    Exit status:
      1  NEW is worse: a row
         - deviates, crashes or hangs and did not, or crashes or hangs where it deviated;
         - ran to a verdict and can't be observed any more (a function or protocol is missing,
           the adapter can't see it), or ends in an error of the suite;
         or an implementation of OLD was asked for and could not be run
      0  otherwise; said, and not held against NEW: another answer where the page is silent,
         another way of deviating, and what one of the two was not asked.
         With --strict, 1 for these as well
      2  nothing could be compared

    \b
    Examples:
      sslspec compare yesterday/record.json today/record.json
      sslspec compare before after --format markdown -o changes.md
      sslspec compare all/record.json all/record.json -i openssl-1.1.1k=openssl-3.0.0
      sslspec compare old/libssl.so.3 new/libssl.so.3 -n 2
      sslspec compare openssl-1.1.1k openssl-3.0.0 --undefined
      sslspec compare release/record.json build/libssl.so.3
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.reports.files import check_can_write  # noqa: PLC0415  # what the other commands do without
    from sslspec.sides import Library, compare_sides, side_of  # noqa: PLC0415

    if out:
        check_can_write(out)
    before, after = side_of(old, "old"), side_of(new, "new")
    libraries = [side for side in (before, after) if isinstance(side, Library)]
    only_libraries = {"--edition": edition, "--clause": clauses, "--undefined": undefined, "--jobs": jobs > 1}
    _refuse(only_libraries if not libraries else {}, "is for libraries, which are run; these are records")
    _refuse({"--implementation": wanted} if len(libraries) == 2 else {}, "is for records; these are libraries")  # noqa: PLR2004  # both

    def run(requests: Sequence[str], edition: str) -> Record:
        from sslspec.run import Request  # noqa: PLC0415  # records are compared without
        from sslspec.terminal import run_with_progress  # noqa: PLC0415

        return run_with_progress(Request(requests, edition, clauses, jobs, undefined))

    found = compare_sides(before, after, wanted, run, edition)
    _show(found, form, out)
    sys.exit(1 if found.worse or (strict and found.changed) else 0)


def _refuse(given: Mapping[str, object], why: str) -> None:
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} {why}")


def _show(found: Comparison, form: str, out: Path | None) -> None:
    from sslspec.reports.comparison import render  # noqa: PLC0415
    from sslspec.reports.comparison.text import show  # noqa: PLC0415
    from sslspec.reports.comparison.words import headline  # noqa: PLC0415
    from sslspec.reports.files import write_text  # noqa: PLC0415
    from sslspec.reports.words import plain  # noqa: PLC0415

    if out:
        write_text(out, render(found, form))
        click.echo(f"{plain(headline(found))}\n{form}: {out}")
    elif form == "text":
        show(found)
    else:
        click.echo(render(found, form), nl=False)

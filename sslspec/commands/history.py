"""`sslspec history`: since which release a clause's verdict, or the answer to a question, is what it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sslspec.clauses import Kind, specification
from sslspec.commands import options
from sslspec.commands.outcome import complain
from sslspec.errors import UsageError
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from sslspec.bisection import Asked
    from sslspec.clauses import Clause
    from sslspec.history import History, Point


@click.command("history")
@click.argument("clause", required=False, metavar="[CLAUSE]")
@click.option("--all", "everything", is_flag=True, help="Every clause: a table.")
@click.option("--family", "families", multiple=True, metavar="FAMILY", help="openssl, libressl, ... May be given again.  [default: all]")
@options.implementations
@click.option("--provision", is_flag=True, help="Bring in the releases that narrow a change down, one after the other.")
@click.option("--branches", is_flag=True, help="With --provision: also the first and the last release of every branch.")
@click.option("--record", metavar="RECORD", type=click.Path(path_type=Path), help="Take it from the record of a run, and run nothing.")
@click.option("--edition", callback=options.edition_or_none, help="The edition to hold all to.  [default: one that states the clause]")
@options.undefined
@click.option("-n", "--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes to spread the work over.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json"]), help="How to say it.")
def history(  # noqa: PLR0913  # an argument for each option
    *,
    clause: str | None,
    everything: bool,
    families: tuple[str, ...],
    names: tuple[str, ...],
    provision: bool,
    branches: bool,
    record: Path | None,
    edition: str | None,
    undefined: bool,
    jobs: int,
    form: str,
) -> None:
    """Say since which release a library does what it does about CLAUSE.

    All releases that are ready are run. With --provision those are brought in that are half way between two neighbours that
    differ, until each change lies between neighbours. Two that are equal do not prove that nothing happened between them: what
    was not run is named, and never guessed. A release that cannot be brought in is named, and the others go on.

    \b
    Examples:
      sslspec history open-session-leaves-cache --family openssl
      sslspec history no-part-on-server --family openssl --provision --branches
      sslspec history --all --family libressl
      sslspec history --all --record sslspec-report/record.json --format json
      sslspec history reference-added --family openssl -i mine=build/libssl.so.3
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.bisection import Asked  # noqa: PLC0415  # what --help does without

    if everything == bool(clause):
        raise UsageError("name a clause, or give --all; `sslspec list clauses` names them")
    asked = Asked(_known(clause), families, names, edition, undefined, jobs, provision, branches)
    if branches and not provision:
        raise UsageError("--branches says which releases are brought in; it needs --provision")
    if record and asked != Asked(asked.clause, families):
        raise UsageError("a record is taken as it is; beside --record only a clause, --all, --family and --format make sense")
    found = _recorded(record, asked.clause, families) if record else _run(asked)
    _show(found, form, table=everything)
    points = [point for each in found for line in each.lines for point in line.points]
    failed = any(point.state and point.state.verdict is Verdict.ERROR for point in points)
    sys.exit(2 if failed or _untested(points, names) else 0)


def _known(name: str | None) -> Clause | None:
    clause = specification().clause(name) if name else None
    if clause and clause.kind is Kind.OBLIGATION:
        raise UsageError(f"{clause.id} tells the application what to do, not the library: there is nothing to run")
    return clause


def _recorded(path: Path, clause: Clause | None, families: tuple[str, ...]) -> list[History]:
    from sslspec import history  # noqa: PLC0415  # as above
    from sslspec.record import Results  # noqa: PLC0415
    from sslspec.reports.record_json import read  # noqa: PLC0415

    record = read(path)
    if record.partial:
        raise UsageError(f"{path} is the record of a run that was broken off; a history needs a whole one: `sslspec run` makes it")
    results, there = Results(record), history.families(record)
    for family in families:
        if family not in there:
            raise UsageError(f"{path} has no {family}; it has {', '.join(there) or 'no library'}")
    chosen = families or there
    asked = {family: [clause] if clause else history.seen_clauses(results, family) for family in chosen}
    found = [history.history(family, clauses, [results]) for family, clauses in asked.items() if clauses]
    if not any(point.state for each in found for line in each.lines for point in line.points):
        what = f"row of {clause.id}" if clause else "clause"
        raise UsageError(f"{path} has no {what} for a library of known release; `sslspec run --all` makes a record that has")
    return found


def _run(asked: Asked) -> list[History]:
    from sslspec.bisection import histories  # noqa: PLC0415  # as above
    from sslspec.terminal import ends_in_order, run_with_progress  # noqa: PLC0415

    with ends_in_order():
        return histories(asked, run_with_progress, complain)


def _show(found: list[History], form: str, *, table: bool) -> None:
    from sslspec.reports import history_json, history_text  # noqa: PLC0415  # as above

    if form == "json":
        click.echo(history_json.dumps(found), nl=False)
    else:
        text = "\n".join(history_text.table(found) if table else history_text.of_clause(found))
        # What the terminal has no letters for is written as an escape.
        encoding = sys.stdout.encoding or "ascii"
        click.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def _untested(points: list[Point], names: tuple[str, ...]) -> list[str]:
    ran = {point.release.name for point in points if point.state}
    return [name for name in names if name.partition("=")[0] not in ran]

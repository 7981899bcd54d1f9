"""The command line: one verb per thing a user wants. What each does is elsewhere; here are its options and what it prints.

Exit status: 0 everything is as expected; 1 a library deviates, crashes or hangs; 2 the command could not be carried out, or a
row ended in an error of the suite itself; 130 after Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sslspec import __version__
from sslspec.clauses import EDITIONS, check_edition, specification
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sslspec.record import Record

_IMPLEMENTATION_HELP = (
    "What to run against: a name of `sslspec list`, or NAME=PATH for any libssl or a folder with one. May be given again."
)


class _Group(click.Group):
    """Turns everything that a user can put right into one line on stderr and exit status 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UsageError as error:
            _complain(str(error))
        except BrokenPipeError:
            # The reader of our output has gone; Python would complain again when it flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        sys.exit(2)


def _complain(message: str) -> None:
    click.echo(f"sslspec: {' '.join(message.split())}", err=True)


def _edition(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    return check_edition(value)


def _edition_or_none(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    return check_edition(value) if value else None


def _implementations(function: Callable[..., None]) -> Callable[..., None]:
    return click.option("-i", "--implementation", "names", multiple=True, metavar="NAME[=PATH]", help=_IMPLEMENTATION_HELP)(function)


_edition_option = click.option(
    "--edition", default=EDITIONS[-1], callback=_edition, show_default=True, help="The edition of the man pages to hold it to."
)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sslspec")
def cli() -> None:
    """Check an OpenSSL-like library against the man pages SSL_set_session(3) and SSL_CTX_add_session(3).

    \b
    Examples:
      sslspec run                                   what needs no download
      sslspec run -i openssl-1.1.1k -i mine=./libssl.so
      sslspec explain reference-added -i system     one clause, call by call
    """  # noqa: D301  # click's mark for lines that are not to be wrapped


@cli.command()
@_implementations
@_edition_option
@click.option("--clause", "clauses", multiple=True, metavar="CLAUSE", help="Run only this clause. May be given again.")
@click.option("-n", "--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes to spread the work over.")
@click.option(
    "-o",
    "--out",
    default="sslspec-report",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for the record and the reports.",
)
def run(names: tuple[str, ...], edition: str, clauses: tuple[str, ...], jobs: int, out: Path) -> None:
    """Run the scenarios; write a record and reports.

    \b
    Without -i: the model, pyOpenSSL, and the system's library where there is one.
    A name of the catalogue is brought in when it is first used.

    \b
    Examples:
      sslspec run
      sslspec run -i model -i openssl-1.1.1k -n 2 -o report
      sslspec run -i patched=build/libssl.so.3 --clause open-session-leaves-cache
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.reports import write_all  # noqa: PLC0415  # what `list` and --help do without
    from sslspec.reports.terminal import summary  # noqa: PLC0415
    from sslspec.run import Request, check  # noqa: PLC0415
    from sslspec.terminal import console, run_with_progress  # noqa: PLC0415

    request = Request(names, edition, clauses, jobs)
    check(request)
    _check_folder(out)
    record = run_with_progress(request)
    paths = write_all(record, out)
    summary(record, console(), edition=edition)
    click.echo("\n" + "\n".join(f"{kind}: {path}" for kind, path in paths.items()))
    sys.exit(_status(record, names))


@cli.command("list")
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


@cli.command()
@click.argument("clause")
@_implementations
@_edition_option
def explain(clause: str, names: tuple[str, ...], edition: str) -> None:
    """Say what CLAUSE means, which editions state it and which scenarios check it; with -i also run it, call by call.

    \b
    Examples:
      sslspec explain reference-added
      sslspec explain SSL_set_session.3/open-session-leaves-cache -i openssl-1.1.1k
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec import listing  # noqa: PLC0415

    found = specification().clause(clause)
    click.echo("\n".join(listing.explained(found)))
    if not names:
        return
    from sslspec.run import Request  # noqa: PLC0415
    from sslspec.terminal import run_with_progress  # noqa: PLC0415

    record = run_with_progress(Request(names, edition, (found.id,)))
    click.echo("\n".join(listing.observed(record)))
    sys.exit(_status(record, names))


@cli.command()
@click.argument("pages", nargs=-1, required=True, metavar="PAGE...")
@click.option("--check", is_flag=True, help="Exit with 1 when a sentence is changed, new or missing.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json"]), help="How to say it.")
@click.option("--edition", callback=_edition_or_none, help="Compare with this edition, and not with the nearest.")
def trace(pages: tuple[str, ...], *, check: bool, form: str, edition: str | None) -> None:
    """Say of every sentence of a man page what checks it, why nothing does, or that it is new or changed.

    PAGE is SSL_set_session(3) or SSL_CTX_add_session(3) in POD, mdoc, man, Markdown or as man shows it: a file, perhaps compressed
    (gzip, bzip2, xz), or - for standard input.

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
            _complain(f"{found.page.source.name}: {found.page.source.warning}")
    click.echo(tracing.rendered(traces, form), nl=False)
    sys.exit(1 if check and any(found.drifted for found in traces) else 0)


@cli.command()
def editions() -> None:
    """Show how the pages changed from edition to edition: clauses gained, lost and reworded.

    \b
    Examples:
      sslspec editions
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.editions import lines  # noqa: PLC0415

    click.echo("\n".join(lines()))


@cli.command()
@_implementations
def doctor(names: tuple[str, ...]) -> None:
    """Say what this machine can run, what is missing, and what mends it; with -i, what can be observed there.

    \b
    Examples:
      sslspec doctor
      sslspec doctor -i system
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec import health  # noqa: PLC0415

    healthy, lines = (True, health.of_implementations(names)) if names else health.of_machine()
    click.echo("\n".join(lines))
    sys.exit(0 if healthy else 1)


def _check_folder(out: Path) -> None:
    """Find out before a long run that its results could not be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise UsageError(f"{out} is not a folder; name another one with --out") from error
    probe = out / ".sslspec-can-write"
    probe.touch()
    probe.unlink()


def _status(record: Record, requested: tuple[str, ...]) -> int:
    from sslspec.verdicts import FAILED, Verdict  # noqa: PLC0415

    verdicts = {row.verdict for row in record.rows}
    asked = {row.implementation for row in record.rows if row.verdict is not Verdict.NOT_APPLICABLE}
    # The model answers no question, and is not held to have been tested by one.
    untested = [identity.name for identity in record.implementations if identity.name not in asked and identity.family != "model"]
    untested += [left.implementation for left in record.not_run if left.implementation in requested]
    if untested:
        _complain(f"not tested: {', '.join(untested)}; the report says why")
    if Verdict.ERROR in verdicts or untested:
        return 2
    broken = any(invariant.broken for row in record.rows for invariant in row.invariants)
    return 1 if verdicts & FAILED or broken else 0


def main() -> None:
    """Run the command line."""
    try:
        cli(prog_name="sslspec", standalone_mode=False)
    except click.exceptions.Abort:
        _complain("interrupted")
        sys.exit(130)
    except KeyboardInterrupt:
        _complain("interrupted")
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "sslspec"
        _complain(f"{error.format_message().rstrip('.')}; `{command} --help` shows how")
        sys.exit(2)

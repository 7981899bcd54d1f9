"""The command line: one verb per thing a user wants. What each does is elsewhere; here are its options and what it prints.

Exit status: 0 everything is as expected; 1 a library deviates, crashes or hangs where that was not known, no longer does where it
was, or answers a question otherwise than before; 2 the command could not be carried out, or a row ended in an error of the suite
itself; 130 after Ctrl-C, 143 after SIGTERM.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sslspec import __version__
from sslspec.clauses import DEFAULT_EDITION, check_edition, check_edition_or_own, specification
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sslspec.record import Record
    from sslspec.run import Request

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
    return check_edition_or_own(value)


def _edition_or_none(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    return check_edition(value) if value else None


def _implementations(function: Callable[..., None]) -> Callable[..., None]:
    return click.option("-i", "--implementation", "names", multiple=True, metavar="NAME[=PATH]", help=_IMPLEMENTATION_HELP)(function)


_edition_option = click.option(
    "--edition",
    default=DEFAULT_EDITION,
    callback=_edition,
    show_default=True,
    help="The edition of the man pages to hold it to; `own`: each to that of the documentation of its own.",
)

_expectations_option = click.option(
    "--expectations",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder of your own with deviations/FAMILY.toml and answers/FAMILY.toml, instead of those of sslspec.",
)


_undefined_option = click.option(
    "--undefined", is_flag=True, help="Also do what the pages forbid or do not speak of: a crash or a hang is an answer then."
)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sslspec")
def cli() -> None:
    """Check an OpenSSL-like library against the man pages SSL_set_session(3) and SSL_CTX_add_session(3).

    \b
    Examples:
      sslspec run                                   what needs no download
      sslspec run -i openssl-1.1.1k -i mine=./libssl.so
      sslspec provision libressl-3.1.0              bring a library in
      sslspec explain reference-added -i system     one clause, call by call
    """  # noqa: D301  # click's mark for lines that are not to be wrapped


@cli.command()
@_implementations
@click.option("--all", "everything", is_flag=True, help="Everything that is ready here; `sslspec provision --all` brings in the rest.")
@_edition_option
@click.option("--clause", "clauses", multiple=True, metavar="CLAUSE", help="Run only this clause. May be given again.")
@_undefined_option
@click.option("-n", "--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes to spread the work over.")
@click.option(
    "-o",
    "--out",
    default="sslspec-report",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for the record and the reports.",
)
@_expectations_option
@click.option("--accept", is_flag=True, help="Write what is new or changed into those files; it is expected from then on.")
def run(  # noqa: PLR0913  # an argument for each option
    *,
    names: tuple[str, ...],
    everything: bool,
    edition: str,
    clauses: tuple[str, ...],
    undefined: bool,
    jobs: int,
    out: Path,
    expectations: Path | None,
    accept: bool,
) -> None:
    """Run the scenarios; write a record and reports.

    \b
    Without -i: the model, pyOpenSSL, and the system's library where there is one.
    A name of the catalogue is brought in when it is first used.
    What a library is known to do otherwise does not fail the run; what is new, and what
    is no longer as known, does.

    \b
    Examples:
      sslspec run
      sslspec run -i model -i openssl-1.1.1k -n 2 -o report
      sslspec run --all -n 2
      sslspec run -i libressl-3.1.0 -i openssl-3.0.0 --edition own
      sslspec run -i patched=build/libssl.so.3 --clause open-session-leaves-cache
      sslspec run -i mine=build/libssl.so.3 --undefined
      sslspec run -i mine=build/libssl.so.3 --expectations expected --accept
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.adapters.resolve import ready_names  # noqa: PLC0415  # what `list` and --help do without
    from sslspec.reports import write_all  # noqa: PLC0415
    from sslspec.reports.terminal import summary  # noqa: PLC0415
    from sslspec.run import Request, check, expectations_of  # noqa: PLC0415
    from sslspec.terminal import console, run_with_progress  # noqa: PLC0415

    if everything:
        named = {name.partition("=")[0] for name in names}
        names = (*names, *(name for name in ready_names() if name not in named))
    request = Request(names, edition, clauses, jobs, undefined, expectations)
    check(request)
    with _accepting(expectations) if accept else nullcontext():
        expectations_of(request)
        _check_folder(out)
        record = run_with_progress(request)
        record, said = _accepted(record, request) if accept else (record, [])
    paths = write_all(record, out)
    summary(record, console(), edition=edition)
    click.echo("\n" + "\n".join([*(f"{kind}: {path}" for kind, path in paths.items()), *said]))
    sys.exit(_status(record, names))


@cli.command()
@click.argument("record", metavar="RECORD", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help="html, junit, markdown or json; all but json otherwise. May be given again.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder to write to.  [default: the record's own]")
def report(record: Path, formats: tuple[str, ...], out: Path | None) -> None:
    """Make reports from RECORD, the record.json that a run has left.

    \b
    Examples:
      sslspec report sslspec-report/record.json
      sslspec report record.json --format html --out public
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.reports import FORMATS, format_of, write_all  # noqa: PLC0415  # what the other commands do without
    from sslspec.reports.record_json import read  # noqa: PLC0415

    wanted = formats or [name for name in FORMATS if name != "json"]
    for name in wanted:
        format_of(name)
    paths = write_all(read(record), out or record.parent, wanted)
    click.echo("\n".join(f"{kind}: {path}" for kind, path in paths.items()))


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
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Everything of the catalogue that this machine can have.")
@click.option("--remove", is_flag=True, help="Remove them, and say how much that freed.")
@click.option("--from", "archive", metavar="FILE", type=click.Path(path_type=Path), help="A source archive; NAME is then its family.")
@click.option("--sha256", metavar="SUM", help="What the SHA-256 of that archive must be.")
@click.option("--name", "called", metavar="NAME", help="What the library made of it is called; FAMILY-VERSION+file otherwise.")
@click.option("--jobs", type=click.IntRange(1, 512), help="Compilers at once.  [default: the number of processors]")
def provision(**options: Any) -> None:
    """Bring libraries in: download or build them, into your cache folder.

    What is there already is left alone. Builds use CC and CXX, and no other setting of yours.

    \b
    Examples:
      sslspec provision libressl-3.1.0 aws-lc-5.12.0
      sslspec provision openssl-3.2.1                  any release that the crate openssl-src has
      sslspec provision libressl --from libressl-4.2.1.tar.gz --sha256 SUM
      sslspec provision openssl --from patched.tar.gz --name openssl-patched
      sslspec provision --all
      sslspec provision --remove libressl-3.1.0
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.provisioning import Wanted, carry_out  # noqa: PLC0415

    sys.exit(2 if carry_out(Wanted(**options), _complain) else 0)


@cli.command()
@click.argument("clause")
@_implementations
@_edition_option
@_undefined_option
@_expectations_option
def explain(*, clause: str, names: tuple[str, ...], edition: str, undefined: bool, expectations: Path | None) -> None:
    """Say what CLAUSE means, which editions state it and which scenarios check it; with -i also run it, call by call.

    Which libraries are known to do otherwise, and why, is said as well.

    \b
    Examples:
      sslspec explain reference-added
      sslspec explain SSL_set_session.3/open-session-leaves-cache -i openssl-1.1.1k
      sslspec explain two-contexts -i system --undefined
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec import listing  # noqa: PLC0415
    from sslspec.run import Request, expectations_of  # noqa: PLC0415
    from sslspec.terminal import run_with_progress  # noqa: PLC0415

    found = specification().clause(clause)
    request = Request(names, edition, (found.id,), undefined=undefined, expectations=expectations)
    known = expectations_of(request).deviations
    click.echo("\n".join([*listing.explained(found), *listing.known(found, known)]))
    if not names:
        return
    record = run_with_progress(request)
    click.echo("\n".join(listing.observed(record)))
    sys.exit(_status(record, names))


@cli.command()
@click.argument("pages", nargs=-1, required=True, metavar="PAGE...")
@click.option("--check", is_flag=True, help="Exit with 1 when a sentence is changed, new or missing.")
@click.option("--format", "form", default="text", show_default=True, type=click.Choice(["text", "json"]), help="How to say it.")
@click.option("--edition", callback=_edition_or_none, help="Compare with this edition, and not with the nearest.")
def trace(pages: tuple[str, ...], *, check: bool, form: str, edition: str | None) -> None:
    """Say of every sentence of a man page what checks it, why nothing does, or that it is new or changed.

    PAGE is SSL_set_session(3) or SSL_CTX_add_session(3) in POD, mdoc, man, Markdown or as man shows it, or a C header whose comments
    document their functions: a file, perhaps compressed (gzip, bzip2, xz), or - for standard input.

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

    if names:
        from sslspec.provisioning import bring_in  # noqa: PLC0415

        bring_in(names)
    healthy, lines = (True, health.of_implementations(names)) if names else health.of_machine()
    click.echo("\n".join(lines))
    sys.exit(0 if healthy else 1)


def _accepting(folder: Path | None) -> AbstractContextManager[None]:
    from sslspec.clauses import features_folder  # noqa: PLC0415
    from sslspec.expectation_files import folders_in  # noqa: PLC0415

    own = features_folder()
    if folder is None and not (own.parent / "pyproject.toml").is_file():
        raise UsageError(f"{own} is part of an installed package; name a folder of your own with --expectations")
    return folders_in(folder or own)


def _accepted(record: Record, request: Request) -> tuple[Record, list[str]]:
    """Make what was found what is expected, and compare once more; the files may have been changed during the run."""
    from sslspec.expectation_files import keep  # noqa: PLC0415
    from sslspec.known import compare  # noqa: PLC0415
    from sslspec.run import expectations_of  # noqa: PLC0415

    expectations = expectations_of(request)
    said = keep(compare(record, expectations), expectations)
    return compare(record, expectations_of(request)), said


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
    from sslspec.verdicts import Verdict  # noqa: PLC0415

    asked = {row.implementation for row in record.rows if row.verdict is not Verdict.NOT_APPLICABLE}
    # The model answers no question, and is not held to have been tested by one.
    untested = [identity.name for identity in record.implementations if identity.name not in asked and identity.family != "model"]
    untested += [left.implementation for left in record.not_run if left.implementation in requested]
    if untested:
        _complain(f"not tested: {', '.join(untested)}; the report says why")
    if untested or any(row.verdict is Verdict.ERROR for row in record.rows):
        return 2
    return 1 if record.compared.unexpected else 0


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

"""`sslspec run`: carry out scenarios, write the record and the reports, and say it all in the exit status."""

from __future__ import annotations

import shlex
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sslspec.commands import options
from sslspec.commands.outcome import complain, status, written
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sslspec.record import Record
    from sslspec.results import Results
    from sslspec.run import Request


@click.command("run")
@options.implementations
@click.option("--all", "everything", is_flag=True, help="Everything that is ready here; `sslspec provision --all` brings in the rest.")
@options.edition_or_own
@click.option("--clause", "clauses", multiple=True, metavar="CLAUSE", help="Run only this clause. May be given again.")
@options.undefined
@click.option("-n", "--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes to spread the work over.")
@click.option(
    "--tx",
    "elsewhere",
    multiple=True,
    metavar="SPEC",
    help="Also over a process on another host, whose PYTHON has this sslspec, as pytest-xdist has it: ssh=HOST//python=PYTHON. "
    "May be given again.",
)
@click.option(
    "-o",
    "--out",
    default="sslspec-report",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for the record and the reports.",
)
@options.expectations
@click.option("--accept", is_flag=True, help="Write what is new or changed into those files; it is expected from then on.")
@click.option("-q", "--quiet", is_flag=True, help="Show only what has to be acted on, and where the reports are.")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON, and nothing else, on stdout.")
def run(  # noqa: PLR0913  # an argument for each option
    *,
    names: tuple[str, ...],
    everything: bool,
    edition: str,
    clauses: tuple[str, ...],
    undefined: bool,
    jobs: int,
    elsewhere: tuple[str, ...],
    out: Path,
    expectations: Path | None,
    accept: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run the scenarios; write a record and reports.

    \b
    Without -i: the model, pyOpenSSL, this Python's ssl, and the system's library where there is one.
    A name of the catalogue is brought in when it is first used.
    What a library is known to do otherwise does not fail the run; what is new, and what
    is no longer as known, does. What comes last on the screen is what to act on.
    Each row is on disk as soon as it is finished: `sslspec report OUT` makes reports of a
    run that was broken off.

    \b
    Examples:
      sslspec run
      sslspec run -i model -i openssl-1.1.1k -n 2 -o report
      sslspec run --all -n 2
      sslspec run --all -n 2 --tx '4*ssh=far.example//python=/opt/sslspec/bin/python'
      sslspec run -i libressl-3.1.0 -i openssl-3.0.0 --edition own
      sslspec run -i patched=build/libssl.so.3 --clause open-session-leaves-cache
      sslspec run -i mine=build/libssl.so.3 --undefined
      sslspec run -i mine=build:/opt/openssl -i system
      sslspec run -i mine=build/libssl.so.3 --expectations expected --accept
      sslspec run --quiet --json | jq .compared.unexpected
    """  # noqa: D301  # click's mark for lines that are not to be wrapped
    from sslspec.adapters.resolve import ready_names  # noqa: PLC0415  # what `list` and --help do without
    from sslspec.reports import write_all  # noqa: PLC0415
    from sslspec.reports.files import make_folder  # noqa: PLC0415
    from sslspec.results import results_in  # noqa: PLC0415
    from sslspec.run import Request, check, expectations_of  # noqa: PLC0415
    from sslspec.terminal import run_with_progress  # noqa: PLC0415

    if everything:
        named = {name.partition("=")[0] for name in names}
        names = (*names, *(name for name in ready_names() if name not in named))
    request = Request(names, edition, clauses, jobs, undefined, expectations, elsewhere)
    check(request)
    with _accepting(expectations) if accept else nullcontext():
        expectations_of(request)
        make_folder(out)
        with results_in(out) as results, _kept(results):
            record = run_with_progress(request, quiet=quiet, journal=results)
            record, said = _accepted(record, request) if accept else (record, [])
            try:
                paths = write_all(record, out)
            except UsageError:
                _print(record, edition, quiet=quiet, as_json=as_json)  # a long run is not to be lost because a disk is full
                raise
            results.remove()
    _print(record, edition, quiet=quiet, as_json=as_json)
    if not as_json:
        click.echo("\n" + "\n".join([*said, *written(paths)]))
    sys.exit(status(record, names))


@contextmanager
def _kept(results: Results) -> Iterator[None]:
    """Say where the rows are that a run had found before it was broken off."""
    try:
        yield
    except BaseException:
        if results.rows:
            complain(f"finished rows are kept ({results.rows}): `sslspec report {shlex.quote(str(results.path))}` makes reports of them")
        raise
    finally:
        if results.lost:
            complain(f"{results.path} could not be written while the run went on: {results.lost}")


def _print(record: Record, edition: str, *, quiet: bool, as_json: bool) -> None:
    from sslspec.reports.record_json import dumps  # noqa: PLC0415
    from sslspec.reports.terminal import summary, to_act_on  # noqa: PLC0415
    from sslspec.terminal import console  # noqa: PLC0415

    if as_json:
        click.echo(dumps(record), nl=False)
    else:
        (to_act_on if quiet else summary)(record, console(), edition=edition)


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

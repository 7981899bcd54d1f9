"""The pytest plugin: collects the features, runs each scenario on each implementation, and hands on a row for each.

Loaded by name in every pytest of an environment that has sslspec installed, so it does nothing, and imports next to
nothing, until a feature of the specification is collected.
"""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sslspec.clauses import DEFAULT_EDITION, check_edition_or_own, features_folder, specification
from sslspec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from sslspec.adapters.implementation import Implementation
    from sslspec.record import Row
    from sslspec.steps.rows import Run

_STEP_MODULES = ("fixtures", "calls", "connections", "contexts", "sessions")

#: The implementations of this session: name -> how to open it.
IMPLEMENTATIONS: pytest.StashKey[Implementations] = pytest.StashKey()
#: Among what pytest-xdist tells a process: what the process that began the run has opened and probed, packed.
OPENED = "sslspec_opened"
RUN: pytest.StashKey[Run] = pytest.StashKey()
_ROW: pytest.StashKey[Row] = pytest.StashKey()


class Implementations:
    """The implementations of a pytest session, each opened when its first row comes and kept until the end."""

    def __init__(self, openers: Mapping[str, Callable[[], Implementation]]) -> None:
        self._openers = openers
        self._open: dict[str, Implementation] = {}

    @property
    def names(self) -> list[str]:
        """Return the names, in the order in which they were asked for."""
        return list(self._openers)

    def get(self, name: str) -> Implementation:
        """Return the implementation called `name`, opened."""
        if name not in self._open:
            from sslspec.adapters.errors import AdapterError  # noqa: PLC0415  # other projects' runs do without

            try:
                self._open[name] = self._openers[name]()
            except AdapterError:
                # It could be opened before, by the process that began the run: somebody has ended its worker.
                self._open[name] = self._openers[name]()
        return self._open[name]

    def close(self) -> None:
        """End what was opened."""
        while self._open:
            self._open.popitem()[1].close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options, with our name in them: other plugins have a right to --edition."""
    group = parser.getgroup("sslspec", "the specification of OpenSSL's session API")
    group.addoption(
        "--sslspec",
        dest="sslspec_implementations",
        action="append",
        metavar="NAME[=PATH]",
        help="what the scenarios run against: a name of `sslspec list`, or a name of your own and a libssl; may be given again "
        "(default: model, pyopenssl, cpython and the system's library)",
    )
    group.addoption(
        "--sslspec-clause", action="append", metavar="CLAUSE", default=[], help="run only the scenarios of this clause; may be given again"
    )
    group.addoption(
        "--sslspec-undefined",
        action="store_true",
        help="also do what the pages forbid or do not speak of, where a crash or a hang is an answer",
    )
    group.addoption(
        "--sslspec-expectations",
        metavar="DIR",
        type=Path,
        help="a folder of your own with the files of known deviations (deviations/FAMILY.toml), instead of those of sslspec",
    )
    group.addoption(
        "--sslspec-edition",
        metavar="EDITION",
        default=DEFAULT_EDITION,
        help="the edition of the pages to hold it to, or `own`: each to that of the documentation of its own (%(default)s)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Check the options before anything is collected, and declare the marker that a clause's tag becomes."""
    try:
        check_edition_or_own(config.getoption("sslspec_edition"))
        _check_clauses(config)
        if config.getoption("sslspec_implementations"):
            implementations(config)
        if config.getoption("sslspec_expectations"):
            from sslspec.steps.expected import expectations  # noqa: PLC0415  # other projects' runs do without

            expectations(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    config.addinivalue_line("markers", "control: shows what happens without the cause that the clause is about")
    config.addinivalue_line("markers", "clause(id): the clause of a man page that the scenario checks")
    config.addinivalue_line("markers", "undefined: does what the page forbids or does not speak of; runs with --sslspec-undefined")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the workers."""
    if IMPLEMENTATIONS in config.stash:
        config.stash[IMPLEMENTATIONS].close()
    if OPENED in getattr(config, "workerinput", {}):
        # This process is at its end, and to look through ten thousand items for what could be freed takes longer than pytest-xdist waits.
        gc.freeze()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the features of the specification, and no other project's."""
    if file_path.suffix != ".feature" or features_folder() not in file_path.resolve().parents:
        return None
    from sslspec.steps.collect import FeatureFile  # noqa: PLC0415  # other projects' runs do without

    _load_steps(parent.config)
    return FeatureFile.from_parent(parent, path=file_path)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the scenarios of clauses that were not asked for."""
    if not config.getoption("sslspec_clause"):
        return
    wanted = {specification().clause(name).id for name in config.getoption("sslspec_clause")}
    chosen = [item for item in items if wanted & {marker.args[0] for marker in item.iter_markers("clause")}]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


@pytest.hookimpl(tryfirst=True)  # pytest-bdd's own answers to every tag, and which plugin is loaded last is chance
def pytest_bdd_apply_tag(tag: str, function: Callable[..., Any]) -> bool | None:
    """Turn `@clause:ID` into `pytest.mark.clause(ID)`; other tags are pytest-bdd's."""
    if not tag.startswith("clause:"):
        return None
    pytest.mark.clause(tag.removeprefix("clause:"))(function)
    return True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each scenario once for each implementation."""
    if not _is_ours(metafunc.definition):
        return
    metafunc.fixturenames.append("implementation")
    params = [
        pytest.param(name, marks=pytest.mark.xdist_group(f"{name} {metafunc.definition.path.stem}"))
        for name in implementations(metafunc.config).names
    ]
    metafunc.parametrize("implementation", params, scope="session")


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run a row to its verdict, and let pytest see it: pass, failure, skip or error."""
    if not _is_ours(pyfuncitem):
        return (yield)
    from sslspec.steps import outcome_in_pytest  # noqa: PLC0415
    from sslspec.steps.expected import known_of  # noqa: PLC0415

    run = pyfuncitem.stash[RUN] = _run_of(pyfuncitem)
    if row := run.not_asked(undefined=pyfuncitem.config.getoption("sslspec_undefined")):
        pyfuncitem.stash[_ROW] = row
        outcome_in_pytest.show(row, None)
    error: Exception | None = None
    try:
        run.start()
        yield
    except Exception as caught:  # noqa: BLE001  # each is a verdict; outcomes.py says which
        error = caught
    except (pytest.fail.Exception, pytest.skip.Exception) as outcome:
        # Not ours: another plugin's, a time limit's. The row has no verdict of its own, but it is tidied up and recorded.
        pyfuncitem.stash[_ROW] = run.end(RuntimeError(f"pytest broke off the row: {outcome}"))
        raise
    row = run.end(error)
    pyfuncitem.stash[_ROW] = row = _repeated(pyfuncitem, run) if run.to_be_repeated(row) else row
    outcome_in_pytest.show(row, run.error, known_of(pyfuncitem.config, run.implementation.identity))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the row along with the report, so that it reaches the process that writes the record."""
    report = yield
    if call.when == "call" and _ROW in item.stash:
        from sslspec.steps.transport import pack  # noqa: PLC0415

        report.sslspec_row = pack(item.stash[_ROW])  # type: ignore[attr-defined]
        report.sslspec_error = item.stash[_ROW].verdict == "error"  # type: ignore[attr-defined]
    return report


def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
    """Count a row in which the suite itself failed as an error, not as a failure."""
    return ("error", "E", "ERROR") if getattr(report, "sslspec_error", False) else None


def pytest_bdd_before_step(request: pytest.FixtureRequest, step: Any) -> None:  # pytest-bdd's Step
    """Write the step into the evidence."""
    if RUN in request.node.stash:
        request.node.stash[RUN].begin_step(step.type, step.keyword.strip(), step.name)


def implementations(config: pytest.Config) -> Implementations:
    """Return the session's implementations; those of the command line, unless somebody has put others into the stash."""
    if IMPLEMENTATIONS not in config.stash:
        from sslspec.adapters.resolve import openers, reopened  # noqa: PLC0415
        from sslspec.steps.transport import unpack_identities  # noqa: PLC0415

        asked, edition = config.getoption("sslspec_implementations"), config.getoption("sslspec_edition")
        opened = unpack_identities(getattr(config, "workerinput", {}).get(OPENED, "[]"))
        again = {request.partition("=")[0]: request for request in asked or ()}
        config.stash[IMPLEMENTATIONS] = Implementations(
            {name: partial(reopened, again[name], edition, known) for name, known in opened.items()} or openers(asked, edition)
        )
    return config.stash[IMPLEMENTATIONS]


def _repeated(item: pytest.Function, run: Run) -> Row:
    """Run the scenario once more, in the fresh process that follows a crash."""
    run.clear()
    try:
        run.start()
        item.obj(**{name: item.funcargs[name] for name in ("request", "_pytest_bdd_example")})
    except Exception as error:  # noqa: BLE001  # as above
        return run.end(error)
    return run.end()


def _is_ours(node: pytest.Item | pytest.Collector | Any) -> bool:
    return node.path.suffix == ".feature" and features_folder() in node.path.resolve().parents


def _run_of(item: pytest.Function) -> Run:
    from sslspec.own import held_to  # noqa: PLC0415
    from sslspec.steps.rows import Run, place_of  # noqa: PLC0415

    params: Mapping[str, Any] = item.callspec.params
    template = item.obj.template
    implementation = implementations(item.config).get(params["implementation"])
    edition = held_to(item.config.getoption("sslspec_edition"), implementation.identity)
    return Run(place_of(template, params.get("_pytest_bdd_example", {})), implementation, edition)


def _check_clauses(config: pytest.Config) -> None:
    for name in config.getoption("sslspec_clause"):
        clause = specification().clause(name)
        if not config.getoption("sslspec_undefined"):
            from sslspec.steps.collect import check_defined  # noqa: PLC0415  # other projects' runs do without

            check_defined(clause, "--sslspec-undefined")


def _load_steps(config: pytest.Config) -> None:
    for name in _STEP_MODULES:
        module = f"sslspec.steps.{name}"
        if not config.pluginmanager.has_plugin(module):
            config.pluginmanager.import_plugin(module)

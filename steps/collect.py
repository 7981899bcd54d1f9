"""Feature files as pytest modules: each scenario becomes an item, below the file it stands in."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from pytest_bdd import scenario
from pytest_bdd.feature import get_feature
from pytest_bdd.scenario import get_python_name_generator

from sslspec.clauses import features_folder, specification
from sslspec.errors import UsageError, unknown
from sslspec.expectations import RowName
from sslspec.record import key_of, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pytest_bdd.parser import Feature, ScenarioTemplate

    from sslspec.clauses import Clause
    from sslspec.record import Row

CLAUSE_TAG = "clause:"
#: On a scenario that shows what happens without the cause that its clause is about.
CONTROL_TAG = "control"
#: On a scenario that does what a page forbids or does not speak of. It is run only when asked for: a crash is an answer to it.
UNDEFINED_TAG = "undefined"


class FeatureFile(pytest.Module):
    """A `.feature` file of the specification."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ARG002
        """Say what is wrong with a feature in its one line, without a traceback through pytest."""
        return str(excinfo.value) if isinstance(excinfo.value, UsageError) else super().repr_failure(excinfo)  # a collector has no style

    def _getobj(self) -> ModuleType:
        """Return a module with one test function for each scenario: what pytest collects from instead of importing a file."""
        from sslspec.steps.expected import expectations  # noqa: PLC0415  # it reads the features by what is below

        expectations(self.config)  # a mistake in their files is said before anything runs
        module = ModuleType(self.path.stem)
        module.__file__ = str(self.path)
        for name, template in read_feature(self.path).scenarios.items():
            self._add(module, name, template)
        return module

    def _add(self, module: ModuleType, name: str, template: ScenarioTemplate) -> None:
        @scenario(self.path.name, name, features_base_dir=str(self.path.parent))
        def run() -> None: ...

        run.template = template  # type: ignore[attr-defined]  # the plugin needs its line and its tags
        test = next(test for test in get_python_name_generator(name) if not hasattr(module, test))
        setattr(module, test, run)


def read_feature(path: Path) -> Feature:
    """Return the feature at `path`, checked.

    Raises UsageError, in one line, when it is no Gherkin, when two scenarios have one name, when a scenario has no
    clause, or when a tag names a clause that does not exist.
    """
    try:
        feature = get_feature(str(path.parent), path.name)
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise UsageError(message) from error
    except Exception as error:
        # pytest-bdd has no common base for its syntax errors, and Gherkin's parser has another one.
        message = f"{path}: {str(error).strip().splitlines()[0]}"
        raise UsageError(message) from error
    _check_names(path, feature)
    for template in feature.scenarios.values():
        if lack := _what_it_lacks(template):
            message = f"{path}:{template.line_number}: scenario {template.name!r} has no {lack}"
            raise UsageError(message)
    return feature


def rows_of_features() -> Iterator[tuple[str, ScenarioTemplate, dict[str, str]]]:
    """Go through all rows as the features have them: the file (relative to the features), the scenario, the line of its outline."""
    for path in sorted(features_folder().glob("*/*.feature")):
        for template in read_feature(path).scenarios.values():
            for line in [line for examples in template.examples for line in examples.as_contexts()] or [{}]:
                yield f"{path.parent.name}/{path.name}", template, dict(line)


def in_order(rows: Iterable[Row], names: Sequence[str]) -> tuple[Row, ...]:
    """Return rows in the order of `names` (implementations) and of the features, whatever order they were run in.

    Rows that the features don't have, because they were run by another version, stand last.
    """
    rank = {name: position for position, name in enumerate(names)}
    places = {(file, template.line_number, tuple(line.items())): at for at, (file, template, line) in enumerate(rows_of_features())}
    return tuple(sorted(rows, key=lambda row: (rank[row.implementation], places.get((row.feature, row.line, row.example), len(places)))))


def row_names() -> list[RowName]:
    """Return how all rows are called: what the files of known deviations and kept answers may name."""
    titles = [(file, title_of(template.name, line.items()), template) for file, template, line in rows_of_features()]
    return [RowName(key_of(file, title), title, clauses_of(template)) for file, title, template in titles]


def _what_it_lacks(template: ScenarioTemplate) -> str:
    """Return what a scenario must have and has not, or "": without steps or lines it would conform without having run."""
    if not clauses_of(template):
        return "clause"
    if not any(step.type == "then" for step in template.steps):
        return "Then (a misspelt keyword makes a step a description)"
    outline = any("<" in step.name for step in template.steps)
    return "Examples" if outline and not any(examples.examples for examples in template.examples) else ""


def clauses_of(template: ScenarioTemplate) -> tuple[str, ...]:
    """Return the ids of the clauses that a scenario is tagged with, by itself or by its rule or feature."""
    ids = sorted(tag.removeprefix(CLAUSE_TAG) for tag in _tags_of(template) if tag.startswith(CLAUSE_TAG))
    known = specification().clauses
    for id_ in ids:
        if id_ not in known:
            error = unknown("clause", id_, known)
            message = f"{template.feature.filename}:{template.line_number}: {error}"
            raise UsageError(message)
    return tuple(ids)


def check_defined(clause: Clause, option: str) -> None:
    """Raise UsageError when no scenario of `clause` runs unless asked for; `option` is what asks for it."""
    features = (read_feature(path) for path in features_folder().glob(f"{clause.page}/*.feature"))
    scenarios = [template for feature in features for template in feature.scenarios.values() if clause.id in clauses_of(template)]
    if scenarios and all(map(is_undefined, scenarios)):
        message = f"{clause.id} does what the page forbids or does not speak of, which may end in a crash; add {option} to run it"
        raise UsageError(message)


def is_undefined(template: ScenarioTemplate) -> bool:
    """Return whether a scenario does what a page forbids or does not speak of."""
    return UNDEFINED_TAG in _tags_of(template)


def _tags_of(template: ScenarioTemplate) -> set[str]:
    tags: set[str] = template.tags | template.feature.tags | (template.rule.tags if template.rule else set())
    return tags


def _check_names(path: Path, feature: Feature) -> None:
    # pytest-bdd keeps the scenarios of a file by name, over all its rules: of two with one name the first would never run.
    lines = path.read_text(encoding="utf-8").splitlines()
    stripped = [line.strip() for line in lines]
    names = [line.partition(":")[2].strip() for line in stripped if line.startswith(("Scenario:", "Scenario Outline:"))]
    if twice := {name for name in names if names.count(name) > 1}:
        message = f"{path}: two scenarios are called {min(twice)!r}; one of them would never run"
        raise UsageError(message)
    if len(names) != len(feature.scenarios):
        message = f"{path}: {len(names)} scenarios are written and {len(feature.scenarios)} were read"
        raise UsageError(message)

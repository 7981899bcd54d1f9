"""The scenarios can tell right from wrong: each wrong model deviates from the clause it breaks, and the right one from none."""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from wrong_models import broken_by, wrong_models

from sslspec.adapters.errors import LibraryCrashed
from sslspec.adapters.implementation import Implementation, ask_directly, identify
from sslspec.adapters.interface import Connection, Outcome, Session
from sslspec.adapters.model import Model
from sslspec.adapters.stage import StagedContext, StagedSession
from sslspec.clauses import DEFAULT_EDITION, EDITIONS, Kind, features_folder, specification
from sslspec.collected import Collected
from sslspec.record import Record, Results, Row
from sslspec.steps.plugin import Implementations
from sslspec.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from sslspec.clauses import Clause

EDITION = DEFAULT_EDITION
ADDED = "SSL_set_session.3/reference-added"
WRONG = {model.__name__: model for model in wrong_models()}
BREACHES = [pytest.param(name, clause, id=f"{name}-{clause}") for name, model in WRONG.items() for clause in broken_by(model)]
HELD = [clause for clause in specification().clauses.values() if clause.kind in (Kind.RULE, Kind.READING)]


pytestmark = pytest.mark.xdist_group("wrong models")


class _Inert(Model):
    """Says that all went well, and has done nothing."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        del connection, session
        return Outcome(1, [])

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        del ctx, new
        return Outcome(1, [])

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        del ctx, session
        return Outcome(1, [])


class _Several(Implementations):
    """Implementations each of which is asked only for the scenarios that are about its clauses."""

    def __init__(self, openers: dict[str, Callable[[], Implementation]], clauses: dict[str, list[str]]) -> None:
        super().__init__(openers)
        self._clauses = clauses
        self._about: set[str] = set()

    @property
    def names(self) -> list[str]:
        return [name for name in super().names if self._about & set(self._clauses[name])]

    @pytest.hookimpl(wrapper=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> Generator[None]:
        self._about = {marker.args[0] for marker in metafunc.definition.iter_markers("clause")}
        yield


def _run(openers: Mapping[str, Callable[[], Implementation]], clauses: dict[str, list[str]], edition: str) -> Results:
    """Run the scenarios of its clauses on each implementation, in one pytest of their own."""
    several = _Several(dict(openers), clauses)
    collected = Collected(several, Mock())
    arguments = ["-p", "pytest_bdd.plugin", "-p", "sslspec.steps.plugin", "--disable-plugin-autoload", "-p", "no:cacheprovider", "-s"]
    pytest.main(
        [*arguments, "-c", os.devnull, "--noconftest", "--sslspec-edition", edition, str(features_folder())], plugins=[collected, several]
    )
    assert not collected.trouble, collected.trouble[0]
    return Results(Record("", "", "", edition, "", "", (), tuple(specification().clauses.values()), tuple(collected.rows)))


def _wrong(name: str, edition: str) -> Implementation:
    """Return a wrong model with the right one's proofs: what is tested is the scenarios, not what the probe would make of it."""
    right = identify(name, ask_directly(Model(edition)))
    assert all(proof.proven for proof in right.identity.proofs)
    return Implementation(right.identity, ask_directly(WRONG[name](edition)))


def _tried_in(clause: str) -> str:
    """Return the edition in which wrong models are tried on a clause: ours, or the last one that states it."""
    stated = specification().clauses[clause].stated
    return EDITION if EDITION in stated else [*stated][-1]


@pytest.fixture(scope="module")
def wrong() -> Results:
    """Return what the scenarios say of the wrong models, each in the editions that state what it breaks."""
    rows: list[Row] = []
    for edition in dict.fromkeys(_tried_in(clause.id) for clause in HELD):
        broken = {name: [clause for clause in broken_by(model) if _tried_in(clause) == edition] for name, model in WRONG.items()}
        asked = {name: clauses for name, clauses in broken.items() if clauses}
        rows += _run({name: partial(_wrong, name, edition) for name in asked}, asked, edition).record.rows
    return Results(Record("", "", "", EDITION, "", "", (), tuple(specification().clauses.values()), tuple(rows)))


@pytest.fixture(scope="module", params=EDITIONS)
def right(request: pytest.FixtureRequest) -> Results:
    """Return what the scenarios say of the model of an edition."""
    edition = request.param
    every = list(specification().clauses)
    return _run({"model": lambda: identify("model", ask_directly(Model(edition)))}, {"model": every}, edition)


@pytest.mark.parametrize(("name", "clause"), BREACHES)
def test_a_wrong_model_deviates(wrong: Results, name: str, clause: str) -> None:
    result = wrong.of(name, clause)
    # A control that fails says that the clause cannot be told from nothing: nobody is blamed, and nothing passes.
    expected = Verdict.NOT_OBSERVABLE if any(map(_control_failed, result.rows)) else Verdict.DEVIATES
    deviates = any(row.verdict is Verdict.DEVIATES for row in result.rows)
    assert result.verdict is (Verdict.DEVIATES if deviates else expected), (
        f"{name} slipped through the scenarios of {clause}: {result.verdict}, {_reasons(result.rows)}"
    )


@pytest.mark.parametrize("clause", HELD, ids=lambda clause: clause.id)
def test_a_clause_has_a_wrong_model_that_deviates(wrong: Results, clause: Clause) -> None:
    assert any(wrong.of(name, clause.id).verdict is Verdict.DEVIATES for name, model in WRONG.items() if clause.id in broken_by(model))


def test_no_wrong_model_breaks_the_suite(wrong: Results) -> None:
    # A wrong model may leave a scenario no place to begin; it must never end one in an error.
    assert [
        _line(row) for row in wrong.record.rows if row.verdict not in (Verdict.CONFORMS, Verdict.DEVIATES, Verdict.NOT_OBSERVABLE)
    ] == []


def test_a_library_that_does_nothing_conforms_only_where_a_value_is_all_there_is() -> None:
    right = identify("inert", ask_directly(Model(EDITION)))
    inert = Implementation(right.identity, ask_directly(_Inert(EDITION)))
    results = _run({"inert": lambda: inert}, {"inert": [clause.id for clause in HELD]}, EDITION)
    conforming = {clause.id for clause in HELD if results.of("inert", clause.id).verdict is Verdict.CONFORMS}
    assert {clause for clause in conforming if not re.search(r"returns-0-or-1|succeeds-with-1", clause)} == set()


@pytest.mark.parametrize("clause", HELD, ids=lambda clause: clause.id)
def test_a_clause_has_a_wrong_model(clause: Clause) -> None:
    assert any(clause.id in broken_by(model) for model in WRONG.values())


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_model_breaks_clauses_that_hold_something_against_it(name: str) -> None:
    broken = broken_by(WRONG[name])
    assert broken
    assert set(broken) <= {clause.id for clause in HELD}


def test_every_row_turns_red(wrong: Results) -> None:
    # Each line of each outline, and each control: what no wrong model can make deviate says nothing.
    red = {
        row.key
        for row in wrong.record.rows
        if row.verdict is Verdict.DEVIATES or _control_failed(row) or any(invariant.broken for invariant in row.invariants)
    }
    assert sorted({row.key for row in wrong.record.rows} - red) == []


def test_the_right_model_conforms(right: Results) -> None:
    stated = [clause.id for clause in HELD if right.record.edition in clause.stated]
    assert {clause: right.of("model", clause).verdict for clause in stated} == dict.fromkeys(stated, Verdict.CONFORMS)


def test_the_right_model_is_seen_in_every_row(right: Results) -> None:
    # All of a clause's rows, or none: nothing of what an edition states is left unseen.
    seen = {clause.id: right.of("model", clause.id) for clause in HELD if right.record.edition in clause.stated}
    assert [clause for clause, result in seen.items() if not 0 < result.seen == result.counting == len(result.rows)] == []


def test_the_right_model_is_not_asked_what_the_edition_does_not_state(right: Results) -> None:
    clauses = specification().clauses
    asked = {row.clauses for row in right.record.rows if row.verdict is not Verdict.NOT_APPLICABLE}
    assert all(any(right.record.edition in clauses[clause].stated for clause in row) for row in asked)
    assert all(any(clauses[clause].kind in (Kind.RULE, Kind.READING) for clause in row) for row in asked)


def test_the_right_model_says_no_word_on_questions(right: Results) -> None:
    questions = [clause.id for clause in specification().clauses.values() if clause.kind is Kind.QUESTION]
    assert {right.of("model", clause).verdict for clause in questions} == {Verdict.NOT_APPLICABLE}


def test_the_right_model_breaks_no_invariant(right: Results) -> None:
    invariants = [clause.id for clause in HELD if clause.invariant and right.record.edition in clause.stated]
    assert all(right.of("model", clause).invariant_calls > 0 for clause in invariants)
    assert [_line(row) for row in right.record.rows if any(invariant.broken for invariant in row.invariants)] == []


def _reasons(rows: Sequence[Row]) -> str:
    return "; ".join(f"{count} x {reason or 'nothing amiss'}" for reason, count in Counter(row.reason for row in rows).items()) or "no rows"


def _line(row: Row) -> str:
    return f"{row.implementation}: {row.key}: {row.verdict} {row.reason}"


def _control_failed(row: Row) -> bool:
    return row.control and row.verdict is Verdict.NOT_OBSERVABLE and bool(row.expected)


class _Spoilt:
    """A library in a process in which every row but the first crashes, as after one that has corrupted the heap."""

    def __init__(self) -> None:
        self._ask = ask_directly(Model(EDITION))
        self._rows = 0
        self.crashes = 0

    def __call__(self, operation: str, *args: Any) -> Any:
        self._rows += operation == "begin"
        if operation == "new_context" and self._rows > 1:
            self.crashes += 1
            raise LibraryCrashed("SSL_CTX_new(TLS_client_method())", "SIGSEGV")
        return self._ask(operation, *args)

    def close(self) -> None:
        self._rows = 0


def test_a_crash_that_a_row_before_has_caused_is_not_held_against_this_one() -> None:
    spoilt = _Spoilt()
    right = identify("spoilt", ask_directly(Model(EDITION)))
    results = _run({"spoilt": lambda: Implementation(right.identity, spoilt, spoilt.close)}, {"spoilt": [ADDED]}, EDITION)
    assert {row.verdict for row in results.of("spoilt", ADDED).rows} == {Verdict.CONFORMS}
    assert spoilt.crashes == len(results.of("spoilt", ADDED).rows) - 1


def test_a_crash_in_a_fresh_process_is_the_rows_own() -> None:
    def ask(operation: str, *args: Any) -> Any:
        if operation == "set_session":
            raise LibraryCrashed(f"SSL_set_session({args[0]}, {args[1]})", "SIGABRT")
        return working(operation, *args)

    working = ask_directly(Model(EDITION))
    right = identify("broken", ask_directly(Model(EDITION)))
    results = _run({"broken": lambda: Implementation(right.identity, ask)}, {"broken": [ADDED]}, EDITION)
    assert results.of("broken", ADDED).verdict is Verdict.CRASHES

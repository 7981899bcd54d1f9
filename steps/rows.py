"""Running one row: a scenario on one implementation, from its first step to its verdict."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sslspec.adapters.errors import AdapterError, LibraryCrashed, LibraryDestroyedSession, LibraryHung
from sslspec.adapters.implementation import adapter_over
from sslspec.clauses import Kind, specification
from sslspec.evidence import Event
from sslspec.record import Row, Wanted
from sslspec.steps.collect import CONTROL_TAG, clauses_of, is_undefined
from sslspec.steps.invariants import Watch
from sslspec.steps.outcomes import Deviation, answer_of, verdict_of, yes_or_no
from sslspec.steps.scene import Scene
from sslspec.verdicts import FAILED, Verdict

if TYPE_CHECKING:
    from pytest_bdd.parser import ScenarioTemplate

    from sslspec.adapters.implementation import Implementation
    from sslspec.clauses import Clause

#: Why an undefined row is not run, and what to do about it.
ON_REQUEST = (
    "it does what the page forbids or does not speak of, which may end in a crash; run it with --undefined (pytest: --sslspec-undefined)"
)

#: In seconds: where a call may well not come back, it is not waited for as long as elsewhere. The slowest takes a few milliseconds.
_SOON = 3.0

#: Stands in the evidence before the calls that free what the scenario left.
TIDYING = Event("step", "(the row is over and what is left is freed)")


@dataclass(frozen=True)
class Place:
    """Where a row comes from: what of it is the same for all implementations.

    control: it shows what happens without the cause. undefined: it does what the page forbids or does not speak of, so that
    whatever happens from its first When on is an answer.
    """

    feature: str
    line: int
    scenario: str
    example: tuple[tuple[str, str], ...]
    clauses: tuple[Clause, ...]
    control: bool = False
    undefined: bool = False


def place_of(template: ScenarioTemplate, example: dict[str, str]) -> Place:
    """Return where a scenario stands, and which clauses it checks."""
    path = Path(template.feature.filename)
    return Place(
        feature=f"{path.parent.name}/{path.name}",
        line=template.line_number,
        scenario=template.name,
        example=tuple(example.items()),
        clauses=tuple(specification().clauses[id_] for id_ in clauses_of(template)),
        control=CONTROL_TAG in template.tags,
        undefined=is_undefined(template),
    )


@dataclass
class Run:
    """One row while it runs.

    error: what ended it, for whoever wants to show it (pytest's --pdb).
    """

    place: Place
    implementation: Implementation
    edition: str
    scene: Scene = field(init=False)
    evidence: list[Event] = field(init=False, default_factory=list)
    error: Exception | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        # Who does what the page forbids has nothing to hold against the library.
        self._stated = set() if self.place.undefined else {clause.id for clause in specification().of_edition(self.edition)}
        self._after_others = False
        self._watch = Watch(self.implementation.ask, self._stated)
        self.scene = Scene(adapter_over(self._watch))

    def begin_step(self, kind: str, keyword: str, text: str) -> None:
        """Write a step into the evidence, and count what later steps compare with before the first When.

        kind: "given", "when" or "then", also for an And. keyword, text: the step as it is written.
        """
        if kind == "when":
            self.scene.look(text)
            if self.place.undefined:
                self.implementation.hurry(_SOON)
        self._gather()
        self.evidence.append(Event("step", f"{keyword} {text}"))

    def start(self) -> None:
        """Begin on a clean stage; an undefined row in a fresh process, because what others left in memory would change its answer."""
        if self.place.undefined:
            self.implementation.renew()
        self._started = time.perf_counter()
        self._after_others = self.implementation.use()
        self.scene.adapter.begin()

    def to_be_repeated(self, row: Row) -> bool:
        """Return whether `row` says nothing yet.

        A crash may be the work of a row before it in the same process; and who is killed did not crash, unless it happens again.
        """
        killed = isinstance(self.error, LibraryCrashed) and self.error.signal == "SIGKILL"
        return killed or (row.verdict is Verdict.CRASHES and self._after_others)

    def clear(self) -> None:
        """Forget what happened, for a second time in a fresh process. The scene stays the object that the steps were given."""
        self.evidence.clear()
        self._watch = Watch(self.implementation.ask, self._stated)
        self.scene.__init__(adapter_over(self._watch))  # type: ignore[misc]

    def end(self, error: Exception | None = None) -> Row:
        """Free what is left and return the row.

        error: what ended the scenario, None when it came to its end.
        """
        self.error = error
        try:
            self._tidy_up()
        except AdapterError as another:
            # What goes wrong here is no news after something that went wrong before.
            if error is None or verdict_of(error, ()) in (Verdict.NOT_OBSERVABLE, Verdict.NOT_APPLICABLE):
                self.error = another
                self.scene.moment = "what is left is freed"
        self._gather()
        row = self._verdict(time.perf_counter() - self._started)
        if row.verdict in FAILED or row.verdict is Verdict.ERROR or self.place.undefined:
            # What went wrong here, or was done against the page, may have left memory behind that would make an innocent call of a
            # later row crash.
            self.implementation.renew()
        return row

    def not_asked(self, *, undefined: bool) -> Row | None:
        """Return the row of a scenario that is not asked at all, None for one that is.

        undefined: whether the user has asked for undefined rows.
        """
        if reason := self._not_applicable():
            return self._row(Verdict.NOT_APPLICABLE, 0.0, reason=reason)
        if self.place.undefined and not undefined:
            return self._row(Verdict.DISABLED, 0.0, reason=ON_REQUEST)
        return None

    def lost(self, reason: str) -> Row:
        """Return the row of a scenario whose process was ended from outside."""
        return self._row(Verdict.ERROR, 0.0, reason=reason)

    def _not_applicable(self) -> str:
        clauses = self.place.clauses
        if not any(self.edition in clause.stated for clause in clauses):
            return f"{self.edition} does not state it"
        if self.implementation.identity.family == "model" and all(clause.kind is Kind.QUESTION for clause in clauses):
            return "the page is silent, and the model says only what the page says"
        return ""

    def _tidy_up(self) -> None:
        self._gather()
        if isinstance(self.error, (LibraryCrashed, LibraryHung)):
            return  # what was left has ended with the process
        self.evidence.append(TIDYING)
        self.scene.adapter.end()

    def _gather(self) -> None:
        self.evidence += self.scene.adapter.evidence()

    def _verdict(self, seconds: float) -> Row:
        error = self.error
        if error and self.place.undefined and self.scene.begun and (answer := answer_of(error)):
            self.scene.note(answer)
            error = None
        if error is None:
            return self._held(seconds)
        halves: dict[str, Any] = {}
        if isinstance(error, (Deviation, LibraryDestroyedSession)):
            halves = {"expected": error.expected, "observed": error.observed, "wanted": _wanted(error)}
        if isinstance(error, Deviation) and self.place.control:
            # Not against the page, which says nothing of this case; but what the clause says cannot be told from nothing here.
            reason = f"the control does not show the difference: {error}"
            return self._row(Verdict.NOT_OBSERVABLE, seconds, reason=reason, **halves)
        verdict = verdict_of(error, {function for clause in self.place.clauses for function in clause.functions})
        worded = verdict is not Verdict.ERROR or isinstance(error, AdapterError)
        return self._row(verdict, seconds, reason=str(error) if worded else f"{type(error).__name__}: {error}", **halves)

    def _held(self, seconds: float) -> Row:
        """Return the row of a scenario that came to its end."""
        answer = "; ".join(self.scene.answers)
        if any(clause.kind is not Kind.QUESTION for clause in self.place.clauses):
            return self._row(Verdict.CONFORMS, seconds, answer=answer)
        if not answer:
            return self._row(Verdict.ERROR, seconds, reason="the scenario of a question ended without an answer")
        return self._row(Verdict.ANSWERED, seconds, answer=answer)

    def _row(self, verdict: Verdict, seconds: float, **said: Any) -> Row:  # a row's own fields
        return Row(
            implementation=self.implementation.name,
            feature=self.place.feature,
            line=self.place.line,
            scenario=self.place.scenario,
            example=self.place.example,
            clauses=tuple(clause.id for clause in self.place.clauses),
            verdict=verdict,
            invariants=self._watch.findings(),
            evidence=tuple(self.evidence),
            seconds=round(seconds, 6),
            control=self.place.control,
            undefined=self.place.undefined,
            **said,
        )


def _wanted(error: Deviation | LibraryDestroyedSession) -> Wanted | None:
    return error.wanted if isinstance(error, Deviation) else yes_or_no("destroyed", error.session, yes=False)

"""What is on the stage of one scenario: its contexts, connections and sessions by the names the steps use, and what was seen.

Nothing here knows which library is behind it; see adapters/interface.py for what an adapter must answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sslspec.adapters.errors import AdapterError, NotImplementedThere, NotObservable
from sslspec.adapters.interface import CacheMode, Handshake, Point, Role, Variant
from sslspec.steps.outcomes import CannotSetUp, Deviation, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Callable

    from sslspec.adapters.interface import Adapter, Connection, Context, Outcome, Session

#: In seconds. Long enough that nothing expires that is not meant to.
TIMEOUT = 7200

_NOTHING_YET = Handshake(client=False, server=False, failed="")


@dataclass
class Pair:
    """The two ends of one connection; the server's is made when it is needed."""

    client: Connection
    server: Connection | None = None
    progress: Handshake = _NOTHING_YET


@dataclass
class Scene:
    """The state of one scenario.

    contexts: "client" and "server", and "the" for the only one. sessions: by the adjective of the step ("old", "" for none).
    before: what was counted just before the scenario's first When, or why it could not be. room: the cache's, where it is limited.
    left: the sessions that have left it. moment: the When that the next answer follows.
    """

    adapter: Adapter
    variant: Variant = Variant.TLS12_TICKET
    contexts: dict[str, Context] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    outcome: Outcome | None = None
    before: dict[str, int | AdapterError] | None = None
    room: int = 0
    left: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    moment: str = ""
    _recipes: dict[str, tuple[str, str, int, int]] = field(default_factory=dict)

    @property
    def pair(self) -> Pair:
        """Return the connection the scenario speaks of: the last one."""
        return self.pairs[-1]

    @property
    def version(self) -> str:
        """Return the protocol of sessions made by hand, where the step does not name one."""
        return self.variant.version

    def make_contexts(self, variant: Variant) -> None:
        """Make a client and a server that speak `variant`; the client hands its sessions to the application and keeps none."""
        self.variant = variant
        for role in Role:
            self.contexts[role] = self.adapter.new_context(role, variant)
        self.adapter.set_cache(self.contexts["client"], [CacheMode.CLIENT, CacheMode.NO_INTERNAL_STORE])

    def make_session(self, key: str, *, label: str | None = None, version: str | None = None, age: int = 0, timeout: int = TIMEOUT) -> None:
        """Make a session by hand and call it `key`; without `label` it gets a session id of its own."""
        self.labels[key] = f"id {len(self.labels) + 1}" if label is None else label
        self._recipes[key] = (self.labels[key], version or self.version, age, timeout)
        self.sessions[key] = self.adapter.new_session(*self._recipes[key])

    def chosen(self, key: str, other: str) -> Session | None:
        """Return the session that a step speaks of: the one called `key` or, as `other` says, "another session" or "none"."""
        if other == "another session":
            self.make_session(key := "another")
        return None if other == "none" else self.sessions[key]

    def make_twin(self, key: str) -> Session:
        """Make another object like the one made by hand that is called `key`."""
        return self.adapter.new_session(*self._recipes[key])

    def connect(self, session: Session | None = None) -> Pair:
        """Make a client's connection with `session` set on it, if one is given."""
        self.pairs.append(Pair(self.adapter.new_connection(self.contexts["client"])))
        if session:
            self.outcome = self.adapter.set_session(self.pair.client, session)
        return self.pair

    def server_end(self, pair: Pair) -> Connection:
        """Return the server's end of a connection."""
        if pair.server is None:
            pair.server = self.adapter.new_connection(self.contexts["server"])
        return pair.server

    def go(self, pair: Pair, until: Point) -> Handshake:
        """Take a connection's handshake as far as `until`."""
        pair.progress = self.adapter.handshake(pair.client, self.server_end(pair), until)
        return pair.progress

    def establish(self, pair: Pair) -> None:
        """Finish a handshake that the scenario's statement depends on; a failure is a deviation."""
        done = self.go(pair, Point.ESTABLISHED)
        if not (done.client and done.server):
            wanted = yes_or_no("handshake", pair.client, yes=True)
            raise Deviation("the handshake succeeds", f"it failed: {done.failed or 'it did not come to an end'}", wanted)

    def establish_first(self, pair: Pair) -> None:
        """Finish a handshake that the scenario begins with, with what the server sends after it."""
        done = self.go(pair, Point.ESTABLISHED)
        if not (done.client and done.server):
            raise CannotSetUp(f"a first handshake failed: {done.failed or 'it did not come to an end'}")
        self.adapter.exchange(pair.client, self.server_end(pair))

    def shut_down(self, pair: Pair) -> None:
        """Close a connection properly at both ends."""
        self.adapter.shutdown(pair.client)
        self.adapter.shutdown(self.server_end(pair))

    def free(self, pair: Pair) -> None:
        """Free both ends of a connection."""
        self.adapter.free_connection(pair.client)
        if pair.server:
            self.adapter.free_connection(pair.server)

    @property
    def begun(self) -> bool:
        """Return whether the scenario has come to its first When."""
        return self.before is not None

    def note(self, answer: str) -> None:
        """Keep an answer; those after a later When say after which."""
        self.answers.append(f"when {self.moment}: {answer}" if self.moment else answer)
        self.moment = ""

    def look(self, moment: str) -> None:
        """Count what later steps compare with, once, before the scenario's first When.

        moment: the When's text, which the answers after it begin with unless they are the first.
        """
        self.moment = moment if self.answers else ""
        if self.begun:
            return
        self.before = {}
        for key, session in self.sessions.items():
            self.before[f"references {key}"] = self._count(self.adapter.references, session)
        for whose, context in self.contexts.items():
            self.before[f"entries {whose}"] = self._count(self.adapter.entries, context)

    def references_gained(self, key: str) -> int:
        """Return how many references the session has gained since before; negative when it has lost some."""
        return self.adapter.references(self.sessions[key]) - self._earlier(f"references {key}")

    def entries_gained(self, whose: str) -> int:
        """Return how many entries the cache has gained since before; negative when it has lost some."""
        return self.adapter.entries(self.contexts[whose]) - self._earlier(f"entries {whose}")

    def entries_if_seen(self, context: Context) -> int | None:
        """Return how many entries a cache has, None where that cannot be seen."""
        seen = self._count(self.adapter.entries, context)
        return None if isinstance(seen, AdapterError) else seen

    def _earlier(self, what: str) -> int:
        before = (self.before or {}).get(what)
        if isinstance(before, AdapterError):
            raise before
        if before is None:
            message = f"{what} was not counted before the first When"
            raise KeyError(message)
        return before

    def _count(self, count: Callable[[Any], int], what: Session | Context) -> int | AdapterError:
        try:
            return count(what)
        except (NotObservable, NotImplementedThere) as error:
            return error

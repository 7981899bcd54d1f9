"""What is wrong with a program that is to speak the worker's protocol, told to its author: form, names, evidence, manners.

No rule of a page is checked here; that a library does otherwise is for the scenarios. Each check begins on a clean stage, with a
fresh process where the last one has ended it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sslspec.adapters import errors
from sslspec.adapters.implementation import adapter_over
from sslspec.adapters.interface import Adapter, CacheMode, Connection, Point, Role, Variant
from sslspec.adapters.probe import probe
from sslspec.adapters.protocol import complaints
from sslspec.adapters.worker.client import WorkerClient
from sslspec.evidence import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sslspec.adapters.worker.client import Program

#: In characters; a handshake's evidence is longer than anybody wants to read here.
_SHOWN = 200
_UNKNOWN = "no_such_operation"
_LIFETIME = 7200


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found.

    title: what was checked, as it should be. wrong: what is not so, "" where all is well. seen: False where it could not be looked at;
    `wrong` then says why. said: the message and the answer it is about.
    """

    title: str
    wrong: str = ""
    seen: bool = True
    said: tuple[str, ...] = ()


class _Wrong(Exception):  # not an error of ours
    """Something is not as the protocol has it; the message says what."""


@dataclass
class Conversation:
    """A program that is asked, and what it has said last."""

    program: Program
    settings: Mapping[str, Any]
    limit: float
    last: tuple[str, ...] = ()
    client: WorkerClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = WorkerClient(self.program, self.settings, limit=self.limit, inspect=self._inspect)

    @property
    def adapter(self) -> Adapter:
        """Return the interface over the program."""
        return adapter_over(self._ask)

    def _ask(self, operation: str, *args: Any) -> Any:
        self.last = (_shortened(f"> {operation} ", args),)
        return self.client.ask(operation, *args)

    def _inspect(self, message: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
        said = {key: value for key, value in answer.items() if key != "id"}
        self.last = (_shortened(f"> {message['operation']} ", message["args"]), _shortened("< ", said))
        return "; ".join(complaints(message, answer))


def _shortened(before: str, said: object) -> str:
    return (before + json.dumps(said))[:_SHOWN]


def check(program: Program, settings: Mapping[str, Any], limit: float = 10.0) -> Iterator[Finding]:
    """Ask a program that is opened with `settings`, and yield what is found, check by check; the first tells whether it speaks at all.

    limit: seconds for one operation.
    """
    conversation = Conversation(program, settings, limit)
    try:
        first = _found("it opens, and says what it drives", _describes, conversation)
        yield first
        if first.wrong:
            return
        for title, examine in _CHECKS.items():
            yield _found(title, examine, conversation)
        yield from _shown(conversation)
    finally:
        conversation.client.close()


def _found(title: str, examine: Callable[[Conversation], None], conversation: Conversation) -> Finding:
    conversation.client.ask("evidence")
    try:
        examine(conversation)
    except (errors.NotObservable, errors.NotImplementedThere, errors.ProtocolNotSpoken) as error:
        return Finding(title, str(error), seen=False)
    except (_Wrong, errors.AdapterError) as error:
        return Finding(title, str(error), said=conversation.last)
    return Finding(title)


def _expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # reads like an assertion
    if not holds:
        raise _Wrong(otherwise)


def _describes(conversation: Conversation) -> None:
    adapter = conversation.adapter
    said = adapter.describe()
    _expect(bool(said["family"] and said["version"]), f"family and version must not be empty: {said}")
    _expect(adapter.describe() == said, f"described again it is another one: {said}")


def _counts_names(conversation: Conversation) -> None:
    adapter = conversation.adapter
    for _ in range(2):
        adapter.begin()
        made = [str(adapter.new_context(role, Variant.TLS12_TICKET)) for role in (Role.CLIENT, Role.SERVER)]
        made += [str(adapter.new_connection(context)) for context in made for _ in range(2)]  # type: ignore[arg-type]  # new types of str
        wanted = ["ctx1", "ctx2", "client1", "client2", "server1", "server2"]
        adapter.end()
        _expect(made == wanted, f"a row's first contexts and connections are called {made}, not {wanted}")


def _keeps_names(conversation: Conversation) -> None:
    adapter = conversation.adapter
    adapter.begin()
    client = adapter.new_connection(adapter.new_context(Role.CLIENT, Variant.TLS12_TICKET))
    session = adapter.new_session("check", "TLSv1.2", 0, _LIFETIME)
    if adapter.set_session(client, session).value == 1:
        seen = adapter.peek_session(client)
        _expect(seen == session, f"the session that was set on {client} is called {session}, and {seen} when it is asked for")
    adapter.end()


def _says_what_it_calls(conversation: Conversation) -> None:
    adapter = conversation.adapter
    adapter.begin()
    context = adapter.new_context(Role.CLIENT, Variant.TLS12_TICKET)
    with suppress(errors.NotImplementedThere):
        adapter.set_cache(context, [CacheMode.CLIENT])
    client = adapter.new_connection(context)
    asked: dict[str, Callable[[], object]] = {
        "set_session": lambda: adapter.set_session(client, None),
        "shutdown": lambda: adapter.shutdown(client),
    }
    for operation, ask in asked.items():
        adapter.evidence()
        with suppress(errors.NotObservable, errors.NotImplementedThere):
            ask()
            calls = [event for event in adapter.evidence() if event.kind == "call" and client in event.arguments]
            _expect(bool(calls), f"{operation} has left no call with {client} in its evidence")
    adapter.end()


def _repeats_its_evidence(conversation: Conversation) -> None:
    first, second = (_story(conversation.adapter) for _ in range(2))
    for one, other in zip(first, second, strict=False):
        _expect(one == other, f"the same row twice: {one.strip()!r} was {other.strip()!r} the second time")
    _expect(len(first) == len(second), f"the same row twice has left {len(first)} and {len(second)} events")


def _story(adapter: Adapter) -> list[str]:
    """Return the evidence of a handshake of the first variant that is spoken."""
    adapter.evidence()
    adapter.begin()
    client, server = _ends(adapter)
    done = adapter.handshake(client, server, Point.ESTABLISHED)
    _expect(done.client and done.server, f"a handshake of two ends of its own: {done.failed or 'not done, and no reason'}")
    adapter.exchange(client, server)
    adapter.received_session(client)
    adapter.reused(client)
    adapter.end()
    return lines(adapter.evidence())


def _ends(adapter: Adapter) -> tuple[Connection, Connection]:
    for variant in Variant:
        with suppress(errors.ProtocolNotSpoken):
            contexts = [adapter.new_context(role, variant) for role in (Role.CLIENT, Role.SERVER)]
            return adapter.new_connection(contexts[0]), adapter.new_connection(contexts[1])
    raise errors.ProtocolNotSpoken("TLS", "it speaks none of the variants")


def _stops_where_it_is_told(conversation: Conversation) -> None:
    adapter = conversation.adapter
    adapter.begin()
    client, server = _ends(adapter)
    for until in (Point.CLIENT_SPOKE, Point.SERVER_ANSWERED):
        done = adapter.handshake(client, server, until)
        _expect(not (done.client and done.server), f"a handshake as far as {until!r} is done already")
    done = adapter.handshake(client, server, Point.ESTABLISHED)
    _expect(done.client and done.server, f"a handshake in three parts did not come to its end: {done.failed or 'no reason'}")
    adapter.end()


def _changes_nothing_by_looking(conversation: Conversation) -> None:
    adapter = conversation.adapter
    adapter.begin()
    context = adapter.new_context(Role.CLIENT, Variant.TLS12_TICKET)
    client = adapter.new_connection(context)
    session = adapter.new_session("check", "TLSv1.2", 0, _LIFETIME)
    adapter.set_session(client, session)
    before = adapter.references(session)
    for look in (
        lambda: adapter.entries(context),
        lambda: adapter.resumable(session),
        lambda: adapter.destroyed(session),
        lambda: adapter.peek_session(client),
    ):
        with suppress(errors.NotObservable, errors.NotImplementedThere):
            look()
    after = adapter.references(session)
    _expect(after == before, f"there were {before} references to {session}, and {after} after observations")
    adapter.end()


def _refuses_what_it_does_not_know(conversation: Conversation) -> None:
    try:
        conversation.client.ask(_UNKNOWN)
    except errors.AdapterBroken as error:
        told = "no answer of the protocol" in error.reason
        _expect(not told, str(error))
    else:
        message = f"{_UNKNOWN} was answered as if there were such an operation"
        raise _Wrong(message)
    _describes(conversation)


def _leaves(conversation: Conversation) -> None:
    conversation.adapter.describe()
    _expect(conversation.client.dismiss(), "two seconds after its input has ended it is still there")


def _shown(conversation: Conversation) -> Iterator[Finding]:
    """Yield what the probe could see; what it cannot see is nothing wrong."""
    for proof in probe(conversation.adapter):
        yield Finding(proof.capability, "" if proof.proven else proof.reason, seen=proof.proven)


_CHECKS: dict[str, Callable[[Conversation], None]] = {
    "objects are counted from 1 in each row": _counts_names,
    "an object keeps its name": _keeps_names,
    "an operation says what it has called": _says_what_it_calls,
    "the same row leaves the same evidence": _repeats_its_evidence,
    "a handshake stops where it is told": _stops_where_it_is_told,
    "looking changes nothing": _changes_nothing_by_looking,
    "an operation that there is not is refused, and the next one answered": _refuses_what_it_does_not_know,
    "it goes when its input ends": _leaves,
}

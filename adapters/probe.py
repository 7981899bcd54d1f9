"""What an adapter claims to see, shown on the library in hand before the first scenario.

Each probe makes the thing happen in a way that no clause is about, where there is one, and looks whether it shows. A claim that
does not show is withdrawn, with what was seen instead; the rows that need it are then not observable.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from sslspec.adapters.errors import AdapterBroken, AdapterError, LibraryCrashed, LibraryHung, NotImplementedThere, NotObservable
from sslspec.adapters.interface import CAPABILITIES, Adapter, CacheMode, Connection, Context, Point, Role, Session, Variant
from sslspec.record import Proof

if TYPE_CHECKING:
    from collections.abc import Callable

#: In seconds; long enough that nothing a probe makes expires.
_TIMEOUT = 7200
_ROOM = 3
_IN_TICKET = "it resumes with the server's cache off, so the session is in the ticket"


class _NotShownError(Exception):
    """A probe ran and did not show what was claimed; the message is what was seen."""


def probe(adapter: Adapter) -> tuple[Proof, ...]:
    """Return a proof or a withdrawal for every capability, in the order of CAPABILITIES.

    A crash, a hang or a failure of the adapter withdraws the claim that was being shown, and only that; a protocol's it does not
    withdraw, because a library that does not speak a protocol is not asked, and one that crashes is.
    """
    variants: dict[str, Callable[[Adapter], str]] = {variant.value: _speaks(variant) for variant in Variant}
    probes = {**_PROBES, **variants}
    return tuple(_prove(adapter, capability, probes[capability]) for capability in CAPABILITIES)


def _prove(adapter: Adapter, capability: str, show: Callable[[Adapter], str]) -> Proof:
    try:
        adapter.begin()
        proof = Proof(capability, proven=True, reason=show(adapter))
    except NotObservable as error:
        proof = Proof(capability, proven=False, reason=error.why)
    except (LibraryCrashed, LibraryHung, AdapterBroken) as error:
        # That a library cannot speak a protocol would excuse it; that something breaks is for the rows to find.
        proof = Proof(capability, proven=capability in list(Variant), reason=str(error).splitlines()[-1])
    except (_NotShownError, AdapterError) as error:
        proof = Proof(capability, proven=False, reason=str(error).splitlines()[-1])
    try:
        adapter.end()
    except AdapterError as error:
        return replace(proof, reason=f"{proof.reason}; then {str(error).splitlines()[-1]}")
    return proof


def _expect(shown: bool, seen: str) -> None:  # noqa: FBT001  # reads like an assertion
    if not shown:
        raise _NotShownError(seen)


def _hand_made(adapter: Adapter, label: str = "probe") -> Session:
    return adapter.new_session(label, "TLSv1.2", 0, _TIMEOUT)


def _context(adapter: Adapter) -> Context:
    context = adapter.new_context(Role.CLIENT, Variant.TLS12_TICKET)
    adapter.set_cache(context, [CacheMode.CLIENT])
    return context


def _reference_count(adapter: Adapter) -> str:
    """By SSL_get1_session after a handshake, not by setting a session, which is what the scenarios are about."""
    client, _ = _connected(adapter, Variant.TLS12_TICKET, _contexts(adapter, Variant.TLS12_TICKET))
    session = adapter.get_session(client)
    _expect(session is not None, "the client has no session after a handshake")
    counts = [adapter.references(session)]  # type: ignore[arg-type]  # _expect
    adapter.get_session(client)
    counts.append(adapter.references(session))  # type: ignore[arg-type]
    adapter.release(session)  # type: ignore[arg-type]
    counts.append(adapter.references(session))  # type: ignore[arg-type]
    seen = f"SSL_get1_session and SSL_SESSION_free moved the count {counts[0]}, {counts[1]}, {counts[2]}"
    _expect(counts == [counts[0], counts[0] + 1, counts[0]], seen)
    try:
        adapter.destroyed(session)  # type: ignore[arg-type]
    except NotObservable as error:
        return f"{seen}; it is the only witness: {error.why}"
    return f"{seen}; the moment of destruction is a second witness"


def _destruction(adapter: Adapter) -> str:
    session = _hand_made(adapter)
    _expect(not adapter.destroyed(session), "a session that the application holds was said to be destroyed")
    adapter.release(session)
    _expect(adapter.destroyed(session), "the release of the only reference was not noticed")
    return "the release of the only reference was noticed, and nothing before it"


def _entries(adapter: Adapter) -> str:
    """By handshakes and a flush, so that neither the rules on adding nor those on removing can hide a count that stands still.

    A binding may have no function that flushes; its number is then only seen to go up.
    """
    contexts = _contexts(adapter, Variant.TLS12_ID)
    counts = [adapter.entries(contexts[1])]
    for _ in range(2):
        _connected(adapter, Variant.TLS12_ID, contexts)
        counts.append(adapter.entries(contexts[1]))
    seen = f"two handshakes moved the number {counts[0]}, {counts[1]}, {counts[2]}"
    _expect(counts == [0, 1, 2], seen)
    try:
        adapter.flush(contexts[1])
    except NotImplementedThere as error:
        return f"{seen}; {error} that would move it back"
    left = adapter.entries(contexts[1])
    _expect(left == 0, f"{seen}, and {left} of them are still counted when all were flushed")
    return f"{seen}, and a flush to 0"


def _marked(adapter: Adapter) -> str:
    session, bare = _hand_made(adapter), _hand_made(adapter, "")
    _expect(adapter.resumable(session), "a fresh session is said not to be resumable")
    context = _context(adapter)
    adapter.add_session(context, session)
    adapter.remove_session(context, session)
    _expect(not (adapter.resumable(session) and adapter.resumable(bare)), "no session is ever said not to be resumable")
    return "a fresh session is resumable, a removed one or one without an id is not"


def _hand_made_sessions(adapter: Adapter) -> str:
    _hand_made(adapter)
    return "one can be had"


def _removal_callback(adapter: Adapter) -> str:
    context, session = _context(adapter), _hand_made(adapter)
    adapter.watch_removals(context)
    adapter.add_session(context, session)
    adapter.remove_session(context, session)
    heard = adapter.removals(context)
    _expect(heard == [session], f"the removal of {session} called back for {heard}")
    return "the removal of a session called back, once"


def _error_stack(adapter: Adapter) -> str:
    """Two clients that speak to each other: each gets what only a server may get, and says so on the stack."""
    contexts = _contexts(adapter, Variant.TLS12_TICKET)
    client, _ = _connected(adapter, Variant.TLS12_TICKET, contexts)
    one, two = adapter.new_connection(contexts[0]), adapter.new_connection(contexts[0])
    outcome = adapter.set_session(one, adapter.get_session(client))
    _expect(outcome.errors is not None, "the adapter cannot read it")
    failed = adapter.handshake(one, two, Point.ESTABLISHED).failed
    _expect(bool(failed), "a handshake of two clients did not fail")
    _expect("SSL_ERROR_" not in failed, f"a handshake that failed left nothing on the stack: {failed}")
    return f"a handshake of two clients failed with {failed.partition(': ')[2] or failed}"


def _cache_size(adapter: Adapter) -> str:
    context = _context(adapter)
    adapter.set_cache_size(context, _ROOM)
    for number in range(2 * _ROOM):
        adapter.add_session(context, _hand_made(adapter, f"probe{number}"))
    held = adapter.entries(context)
    seen = f"with room for {_ROOM}, {held} of {2 * _ROOM} sessions were kept"
    _expect(0 < held <= _ROOM, seen)
    return seen


def _own_cache(adapter: Adapter) -> str:
    """Only the adapter can tell: a server that resumed what it never saw would be for the scenarios to find."""
    adapter.stranger(_contexts(adapter, Variant.TLS12_ID)[1])
    return "another context stands for a server that has forgotten its sessions"


def _speaks(variant: Variant) -> Callable[[Adapter], str]:
    def show(adapter: Adapter) -> str:
        client, _ = _connected(adapter, variant, _contexts(adapter, variant))
        _expect(adapter.received_session(client) is not None, "the client received no session")
        # What follows sets a session, which is what the scenarios are about: it may tell more, but excuses nothing.
        with suppress(_NotShownError, AdapterError):
            if variant.in_server_cache and _resumes_without_cache(adapter, variant):
                return _IN_TICKET
        with suppress(_NotShownError, AdapterError):
            if _resumes(adapter, variant, _contexts(adapter, variant)):
                return "a handshake, and a resumption that both ends reported"
        return "a handshake; no resumption was reported"

    def checked(adapter: Adapter) -> str:
        seen = show(adapter)
        # An empty cache would be the wrong question: a server that fails to store is for the scenarios to find.
        _expect(seen is not _IN_TICKET, seen)
        return seen

    return checked


def _resumes_without_cache(adapter: Adapter, variant: Variant) -> bool:
    contexts = _contexts(adapter, variant)
    adapter.set_cache(contexts[1], [])
    return _resumes(adapter, variant, contexts)


def _resumes(adapter: Adapter, variant: Variant, contexts: tuple[Context, Context]) -> bool:
    client, server = _connected(adapter, variant, contexts)
    session = adapter.received_session(client)
    adapter.shutdown(client)
    adapter.shutdown(server)
    again = adapter.new_connection(contexts[0]), adapter.new_connection(contexts[1])
    adapter.set_session(again[0], session)
    adapter.handshake(*again, Point.ESTABLISHED)
    return [adapter.reused(end) for end in again] == [True, True]


def _contexts(adapter: Adapter, variant: Variant) -> tuple[Context, Context]:
    contexts = adapter.new_context(Role.CLIENT, variant), adapter.new_context(Role.SERVER, variant)
    adapter.set_cache(contexts[0], [CacheMode.CLIENT, CacheMode.NO_INTERNAL_STORE])
    return contexts


def _connected(adapter: Adapter, variant: Variant, contexts: tuple[Context, Context]) -> tuple[Connection, Connection]:
    client, server = (adapter.new_connection(context) for context in contexts)
    done = adapter.handshake(client, server, Point.ESTABLISHED)
    _expect(done.client and done.server, f"the handshake failed: {done.failed}")
    spoken = adapter.version(client)
    _expect(spoken == variant.version, f"asked for {variant.version} it negotiated {spoken}")
    adapter.exchange(client, server)
    return client, server


_PROBES: dict[str, Callable[[Adapter], str]] = {
    "reference-count": _reference_count,
    "destruction": _destruction,
    "entries": _entries,
    "marked": _marked,
    "hand-made-sessions": _hand_made_sessions,
    "removal-callback": _removal_callback,
    "own-cache": _own_cache,
    "error-stack": _error_stack,
    "cache-size": _cache_size,
}

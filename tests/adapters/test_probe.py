"""What an adapter claims and cannot show is found out: one liar for each capability, and nothing else is withdrawn for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sslspec.adapters.errors import AdapterBroken, LibraryCrashed, LibraryHung, NotImplementedThere, NotObservable
from sslspec.adapters.interface import CAPABILITIES, Connection, Context, Handshake, Outcome, Point, Session, Variant
from sslspec.adapters.model import Model
from sslspec.adapters.probe import probe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sslspec.adapters.interface import CacheMode
    from sslspec.adapters.stage import StagedConnection, StagedSession

EDITION = "openssl-1.1.1"
TLS13 = {Variant.TLS13_STATELESS.value, Variant.TLS13_STATEFUL.value}
TLS12 = {Variant.TLS12_ID.value, Variant.TLS12_TICKET.value}


class CountsNothing(Model):
    def references(self, session: Session) -> int:
        super().references(session)
        return 1


class CountsOnlyUp(Model):
    def __init__(self, edition: str) -> None:
        self._count = 0
        super().__init__(edition)

    def references(self, session: Session) -> int:
        super().references(session)
        self._count += 1
        return self._count


class SeesNoDestruction(Model):
    def destroyed(self, session: Session) -> bool:
        super().destroyed(session)
        return False


class SeesDestructionEverywhere(Model):
    def destroyed(self, session: Session) -> bool:
        super().destroyed(session)
        return True


class HasAlwaysOneEntry(Model):
    def entries(self, context: Context) -> int:
        super().entries(context)
        return 1


class CountsWhatWasFlushed(Model):
    """As wolfSSL does with its statistics: it counts what was ever added."""

    def flush(self, context: Context) -> None:
        del context


class HasNeverAnEntry(Model):
    """As wolfSSL has not, without its statistics; the limit cannot be shown then either."""

    def entries(self, context: Context) -> int:
        super().entries(context)
        return 0


class CallsAllResumable(Model):
    def resumable(self, session: Session) -> bool:
        super().resumable(session)
        return True


class CallsNoneResumable(Model):
    """As the stub of LibreSSL 3.4.1 does."""

    def resumable(self, session: Session) -> bool:
        super().resumable(session)
        return False


class MakesNoSessions(Model):
    """Which takes what is shown with them along."""

    def new_session(self, label: str, version: str, age: int, timeout: int) -> Session:
        del label, version, age, timeout
        raise NotObservable("hand-made-sessions", "it makes none")


class NeverCallsBack(Model):
    def removals(self, context: Context) -> list[Session]:
        super().removals(context)
        return []


class CallsBackTwice(Model):
    def removals(self, context: Context) -> list[Session]:
        return super().removals(context) * 2


class SharesOneCache(Model):
    """As all contexts of wolfSSL do."""

    def stranger(self, context: Context) -> Context:
        del context
        raise NotObservable("own-cache", "all contexts share one")


class SeesNoErrors(Model):
    def set_session(self, connection: Connection, session: Session | None) -> Outcome:
        return Outcome(super().set_session(connection, session).value, None)


class FailsWithoutAReason(Model):
    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        return super().handshake(client, server, until)._replace(failed="")


class KnowsNoLimit(Model):
    def set_cache_size(self, context: Context, entries: int) -> None:
        super().set_cache_size(context, 0 * entries)


class KeepsNothingUnderALimit(Model):
    def entries(self, context: Context) -> int:
        held = super().entries(context)
        return held if held < 3 else 0


class SpeaksTls12Only(Model):
    """And does not say so, as LibreSSL 3.1.0 does."""

    def version(self, connection: Connection) -> str:
        super().version(connection)
        return "TLSv1.2"


class FinishesNoTls13(Model):
    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        done = super().handshake(client, server, until)
        if self._connections[client].context.variant.version == "TLSv1.3":
            return done._replace(server=False, failed="it is tired")
        return done


class ReceivesNoTls13Session(Model):
    def received_session(self, connection: Connection) -> Session | None:
        if self._connections[connection].context.variant.version == "TLSv1.3":
            return None
        return super().received_session(connection)


class ReceivesNoSession(Model):
    def received_session(self, connection: Connection) -> Session | None:
        del connection
        return None


class PutsItIntoTheTicket(Model):
    """Is stateless where it was asked to be stateful."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        if offered and server.context.variant is Variant.TLS13_STATEFUL:
            return self._new(offered.id, offered.version, server.context)
        return super()._accept(server, offered)


class Crashes(Model):
    def watch_removals(self, context: Context) -> None:
        raise LibraryCrashed(f"SSL_CTX_sess_set_remove_cb({context})", "SIGSEGV")


class Hangs(Model):
    def resumable(self, session: Session) -> bool:
        raise LibraryHung(f"SSL_SESSION_is_resumable({session})", 10.0)


class LacksAFunction(Model):
    def set_cache_size(self, context: Context, entries: int) -> None:
        del context, entries
        raise NotImplementedThere("SSL_CTX_sess_set_cache_size", "a double")


class BreaksInManyLines(Model):
    def references(self, session: Session) -> int:
        del session
        raise AdapterBroken("Traceback:\n  somewhere\nKeyError: 'session1'")


class CannotSay(Model):
    def destroyed(self, session: Session) -> bool:
        del session
        raise NotObservable("destruction", "the library offers no ex_data for sessions")


LIARS: list[tuple[type[Model], set[str], str]] = [
    (CountsNothing, {"reference-count"}, "moved the count 1, 1, 1"),
    (CountsOnlyUp, {"reference-count"}, "moved the count 1, 2, 3"),
    (SeesNoDestruction, {"destruction"}, "the release of the only reference was not noticed"),
    (SeesDestructionEverywhere, {"destruction"}, "was said to be destroyed"),
    (HasAlwaysOneEntry, {"entries"}, "two handshakes moved the number 1, 1, 1"),
    (CountsWhatWasFlushed, {"entries"}, "still counted"),
    (HasNeverAnEntry, {"entries", "cache-size"}, "0"),
    (CallsAllResumable, {"marked"}, "no session is ever said not to be resumable"),
    (CallsNoneResumable, {"marked"}, "a fresh session is said not to be resumable"),
    (MakesNoSessions, set(CAPABILITIES) - {"entries", "reference-count", "own-cache", "error-stack"} - TLS12 - TLS13, "it makes none"),
    (NeverCallsBack, {"removal-callback"}, "called back for []"),
    (CallsBackTwice, {"removal-callback"}, "called back for ['session1', 'session1']"),
    (SharesOneCache, {"own-cache"}, "all contexts share one"),
    (SeesNoErrors, {"error-stack"}, "the adapter cannot read it"),
    (FailsWithoutAReason, {"error-stack"}, "a handshake of two clients did not fail"),
    (KnowsNoLimit, {"cache-size"}, "with room for 3, 6 of 6 sessions were kept"),
    (KeepsNothingUnderALimit, {"cache-size"}, "with room for 3, 0 of 6 sessions were kept"),
    (SpeaksTls12Only, TLS13, "asked for TLSv1.3 it negotiated TLSv1.2"),
    (FinishesNoTls13, TLS13, "the handshake failed: it is tired"),
    (ReceivesNoTls13Session, TLS13, "the client received no session"),
    (ReceivesNoSession, TLS12 | TLS13, "the client received no session"),
    (PutsItIntoTheTicket, {Variant.TLS13_STATEFUL.value}, "it resumes with the server's cache off, so the session is in the ticket"),
    (Crashes, {"removal-callback"}, "SSL_CTX_sess_set_remove_cb(ctx1) ended the process with SIGSEGV"),
    (Hangs, {"marked"}, "SSL_SESSION_is_resumable(session1) did not return within 10 s"),
    (LacksAFunction, {"cache-size"}, "a double has no SSL_CTX_sess_set_cache_size"),
    (BreaksInManyLines, {"reference-count"}, "KeyError: 'session1'"),
    (CannotSay, {"destruction"}, "the library offers no ex_data for sessions"),
]


@pytest.mark.parametrize(("liar", "capabilities", "seen"), LIARS, ids=[liar.__name__ for liar, _, _ in LIARS])
def test_a_liar_is_found_out_in_that_and_nothing_else(liar: type[Model], capabilities: set[str], seen: str) -> None:
    withdrawn = {proof.capability: proof.reason for proof in probe(liar(EDITION)) if not proof.proven}
    assert set(withdrawn) == capabilities
    assert all(seen in reason and len(reason.splitlines()) == 1 for reason in withdrawn.values()), withdrawn


class CrashesWhenASessionIsSet(Model):
    def set_session(self, connection: Connection, session: Session | None) -> Outcome:
        raise LibraryCrashed(f"SSL_set_session({connection}, {session})", "SIGABRT")


class HangsInTheHandshake(Model):
    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        del server, until
        raise LibraryHung(f"SSL_connect({client})", 10)


@pytest.mark.parametrize("broken", [CrashesWhenASessionIsSet, HangsInTheHandshake])
def test_a_library_that_crashes_is_not_excused_as_one_that_lacks_the_protocol(broken: type[Model]) -> None:
    proven = {proof.capability for proof in probe(broken(EDITION)) if proof.proven}
    assert proven >= TLS12 | TLS13


def test_a_library_whose_set_session_is_broken_is_asked_everything_else() -> None:
    assert [proof.capability for proof in probe(CrashesWhenASessionIsSet(EDITION)) if not proof.proven] == ["error-stack"]


class LeavesNothingOnTheStack(Model):
    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        done = super().handshake(client, server, until)
        return done._replace(failed="SSL_connect(client1): SSL_ERROR_SYSCALL") if done.failed else done


def test_the_name_of_an_error_is_not_a_reason() -> None:
    assert [proof.capability for proof in probe(LeavesNothingOnTheStack(EDITION)) if not proof.proven] == ["error-stack"]


class FlushesNothing(Model):
    """As bindings do that have no function for it."""

    def flush(self, context: Context) -> None:
        del context
        raise NotImplementedThere("SSL_CTX_flush_sessions", "this binding")


def test_a_number_that_nothing_flushes_is_shown_by_going_up() -> None:
    proofs = {proof.capability: proof for proof in probe(FlushesNothing(EDITION))}
    assert all(proof.proven for proof in proofs.values())
    assert proofs["entries"].reason == (
        "two handshakes moved the number 0, 1, 2; this binding has no SSL_CTX_flush_sessions that would move it back"
    )


def test_every_capability_has_a_liar() -> None:
    assert set().union(*(capabilities for _, capabilities, _ in LIARS)) == set(CAPABILITIES)


@pytest.mark.parametrize("edition", ["openssl-2001", "openbsd-2016", "openssl-1.1.0", EDITION])
def test_the_model_shows_everything(edition: str) -> None:
    proofs = probe(Model(edition))
    assert [proof.capability for proof in proofs] == list(CAPABILITIES)
    assert all(proof.proven and proof.reason for proof in proofs), proofs


def test_a_resumption_that_is_not_reported_leaves_the_handshake_proven() -> None:
    """Whether a session is resumed is what the scenarios ask."""

    class NeverReused(Model):
        def reused(self, connection: Connection) -> bool:
            super().reused(connection)
            return False

    proofs = {proof.capability: proof for proof in probe(NeverReused(EDITION))}
    assert all(proof.proven for proof in proofs.values())
    assert "no resumption was reported" in proofs[Variant.TLS12_ID.value].reason


def test_each_claim_is_shown_in_a_row_of_its_own() -> None:
    class Counts(Model):
        def __init__(self, edition: str) -> None:
            self.rows: list[str] = []
            super().__init__(edition)

        def begin(self) -> None:
            self.rows.append("begin")
            super().begin()

        def end(self) -> None:
            self.rows.append("end")
            # Not through begin(), which is counted.
            Model.begin(self)

    adapter = Counts(EDITION)
    adapter.rows.clear()
    probe(adapter)
    assert adapter.rows == ["begin", "end"] * len(CAPABILITIES)


def test_the_cache_is_set_before_it_is_looked_at() -> None:
    """A library whose client cache is off by default is not blamed for that."""
    modes: list[Any] = []

    class Watches(Model):
        def set_cache(self, context: Context, flags: Sequence[CacheMode]) -> None:
            modes.append(list(flags))
            super().set_cache(context, flags)

    probe(Watches(EDITION))
    assert modes

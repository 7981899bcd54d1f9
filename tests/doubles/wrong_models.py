"""Wrong models: each is the model but for one behaviour, and its docstring names the clause that it breaks.

What shows that the scenarios can fail at all is in tests/features/test_wrong_models.py. The models are in the order of the
clauses; what is said of one page's clauses stands together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sslspec.adapters.interface import CacheMode, Connection, Context, Handshake, Outcome, Point, Role, Session, ShutdownFlag
from sslspec.adapters.model import Model
from sslspec.adapters.stage import StagedConnection, StagedContext, StagedSession

if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSED = Outcome(0, ["refused"])


def wrong_models() -> list[type[Model]]:
    """Return all wrong models, in the order in which they stand here."""
    return [value for value in globals().values() if isinstance(value, type) and issubclass(value, Model) and value is not Model]


def broken_by(model: type[Model]) -> list[str]:
    """Return the clauses that a wrong model breaks, as its docstring says."""
    return re.findall(r"[\w.]+/[\w-]+", model.__doc__ or "")


# SSL_set_session.3: what is offered and resumed


class OffersNothing(Model):
    """Breaks SSL_set_session.3/offered-in-handshake."""

    def _offer(self, client: StagedConnection) -> StagedSession | None:
        del client
        return None


class OffersWithoutBeingAsked(Model):
    """Breaks SSL_set_session.3/offered-in-handshake."""

    def _offer(self, client: StagedConnection) -> StagedSession | None:
        if client.session is None:
            return next((session for session in self._sessions.values() if session.issuer), None)
        return super()._offer(client)


class OffersSessionSetFirst(Model):
    """Breaks SSL_set_session.3/offered-in-handshake."""

    def _take_new(self, conn: StagedConnection, session: StagedSession | None) -> None:
        first = conn.session or session
        super()._take_new(conn, session)
        conn.session = first


class ResumesForgottenSessions(Model):
    """Breaks SSL_set_session.3/offered-in-handshake and SSL_set_session.3/connections-may-share."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        return super()._accept(server, offered) or offered


class ServerResumesItsOwn(Model):
    """Breaks SSL_set_session.3/no-part-on-server."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        return server.session or super()._accept(server, offered)


class ServerReportsItsOwnAsReused(Model):
    """Breaks SSL_set_session.3/no-part-on-server."""

    def _begin_afresh(self, client: StagedConnection, server: StagedConnection) -> None:
        server.reused = server.session is not None
        super()._begin_afresh(client, server)


class ServerWithASessionFails(Model):
    """Breaks SSL_set_session.3/no-part-on-server."""

    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        if self._connections[server].session and not self._connections[server].answered:
            return Handshake(client=False, server=False, failed="a session was set")
        return super().handshake(client, server, until)


class ServerRefusesToResumeAnything(Model):
    """Breaks SSL_set_session.3/no-part-on-server."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        del server, offered
        return None


class ClientNeverReportsReuse(Model):
    """Breaks SSL_set_session.3/reuse-can-be-asked."""

    def reused(self, connection: Connection) -> bool:
        return super().reused(connection) and self._connections[connection].context.role is not Role.CLIENT


class ServerNeverReportsReuse(Model):
    """Breaks SSL_set_session.3/reuse-can-be-asked."""

    def reused(self, connection: Connection) -> bool:
        return super().reused(connection) and self._connections[connection].context.role is not Role.SERVER


class ClientAlwaysReportsReuse(Model):
    """Breaks SSL_set_session.3/reuse-can-be-asked."""

    def reused(self, connection: Connection) -> bool:
        return super().reused(connection) or self._connections[connection].context.role is Role.CLIENT


class ServerAlwaysReportsReuse(Model):
    """Breaks SSL_set_session.3/reuse-can-be-asked."""

    def reused(self, connection: Connection) -> bool:
        return super().reused(connection) or self._connections[connection].context.role is Role.SERVER


class SessionsResumeOnce(Model):
    """Breaks SSL_set_session.3/connections-may-share."""

    def _resume(self, client: StagedConnection, server: StagedConnection, found: StagedSession) -> None:
        super()._resume(client, server, found)
        if client.session:
            client.session.resumable = False


class RefusesSessionInUse(Model):
    """Breaks SSL_set_session.3/connections-may-share."""

    def _offer(self, client: StagedConnection) -> StagedSession | None:
        offered = super()._offer(client)
        return None if sum(conn.session is offered for conn in self._connections.values()) > 1 else offered


class ForgetsOfferedSessionWithoutACache(Model):
    """Breaks SSL_set_session.3/connections-may-share."""

    def _resume(self, client: StagedConnection, server: StagedConnection, found: StagedSession) -> None:
        super()._resume(client, server, found)
        if client.session and CacheMode.CLIENT not in client.context.mode:
            client.session.resumable = False


# SSL_set_session.3: references


class ForgetsReference(Model):
    """Breaks SSL_set_session.3/reference-added."""

    def _take_new(self, conn: StagedConnection, session: StagedSession | None) -> None:
        conn.session = session


class TakesTwoReferences(Model):
    """Breaks SSL_set_session.3/reference-added."""

    def _take_new(self, conn: StagedConnection, session: StagedSession | None) -> None:
        super()._take_new(conn, session)
        if session:
            session.references += 1


class TakesReferenceForTheFirstConnectionOnly(Model):
    """Breaks SSL_set_session.3/reference-added."""

    def _take_new(self, conn: StagedConnection, session: StagedSession | None) -> None:
        held = session and any(other.session is session for other in self._connections.values())
        super()._take_new(conn, session)
        if session and held:
            session.references -= 1


class NewConnectionTakesReferences(Model):
    """Breaks SSL_set_session.3/reference-added."""

    def new_connection(self, context: Context) -> Connection:
        for session in self._sessions.values():
            session.references += 1
        return super().new_connection(context)


class DestroysNothing(Model):
    """Breaks SSL_set_session.3/reference-added, SSL_set_session.3/set-session-released, SSL_CTX_add_session.3/add-reference."""

    def destroyed(self, session: Session) -> bool:
        return self._observe("destroyed", session, value=False)


class KeepsReferenceOfAFreedConnection(Model):
    """Breaks SSL_set_session.3/callers-reference-kept."""

    def free_connection(self, connection: Connection) -> None:
        self._connections[connection].session = None
        super().free_connection(connection)


class FreesTheCallersReferenceWithTheConnection(Model):
    """Breaks SSL_set_session.3/callers-reference-kept."""

    def free_connection(self, connection: Connection) -> None:
        session = self._connections[connection].session
        super().free_connection(connection)
        if session:
            self._give_back(session)


class KeepsReferenceOfRefusedSession(Model):
    """Breaks SSL_set_session.3/reference-given-back."""

    def _begin_afresh(self, client: StagedConnection, server: StagedConnection) -> None:
        if client.session:
            client.session.references += 1
        super()._begin_afresh(client, server)


class GivesReferenceOfRefusedSessionBackTwice(Model):
    """Breaks SSL_set_session.3/reference-given-back."""

    def _begin_afresh(self, client: StagedConnection, server: StagedConnection) -> None:
        if client.session:
            self._give_back(client.session)
        super()._begin_afresh(client, server)


class GivesReferenceBackBeforeTheServerAnswers(Model):
    """Breaks SSL_set_session.3/reference-given-back."""

    def handshake(self, client: Connection, server: Connection, until: Point) -> Handshake:
        conn = self._connections[client]
        if conn.session and not conn.spoke:
            self._give_back(conn.session)
            conn.session = None
        return super().handshake(client, server, until)


class KeepsSetSession(Model):
    """Breaks SSL_set_session.3/set-session-released."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, old if conn.established else None)


class ReleasesSetSessionTwice(Model):
    """Breaks SSL_set_session.3/set-session-released."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, old)
        if old and not conn.established:
            self._give_back(old)


class ReleasesSessionsOfOtherConnections(Model):
    """Breaks SSL_set_session.3/set-session-released and SSL_set_session.3/used-session-released."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, old)
        for other in self._connections.values():
            if other is not conn and other.session:
                self._give_back(other.session)


class TakesNoReferenceWhenAnotherWasSet(Model):
    """Breaks SSL_set_session.3/set-session-released."""

    def _take_new(self, conn: StagedConnection, session: StagedSession | None) -> None:
        replaces = conn.session is not None
        super()._take_new(conn, session)
        if replaces and session:
            session.references -= 1


class KeepsUsedSession(Model):
    """Breaks SSL_set_session.3/used-session-released."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, None if conn.established else old)


class ReleasesUsedSessionTwice(Model):
    """Breaks SSL_set_session.3/used-session-released."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, old)
        if old and conn.established:
            self._give_back(old)


class KeepsResumedSession(Model):
    """Breaks SSL_set_session.3/used-session-released."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, None if conn.reused else old)


class ReleasesBeforeTaking(Model):
    """Breaks SSL_set_session.3/same-session-again."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        conn = self._connections[connection]
        self._leave_old(conn, conn.session)
        conn.session = None
        return super()._set_session(connection, session)


class TakesReferenceWhenSetAgain(Model):
    """Breaks SSL_set_session.3/same-session-again."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, None if old is conn.session else old)


class LosesReferenceWhenSetAgain(Model):
    """Breaks SSL_set_session.3/same-session-again."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, old)
        if old and old is conn.session:
            self._give_back(old)


class RefusesToBeSetAgain(Model):
    """Breaks SSL_set_session.3/same-session-again."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        old = self._connections[connection].session
        return REFUSED if old and old.name == session else super()._set_session(connection, session)


class KeepsSessionWithNoOtherHolder(Model):
    """Breaks SSL_set_session.3/same-session-again and SSL_set_session.3/set-session-released."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, None if old and old.references == 1 else old)


# SSL_set_session.3: what leaves the cache


class OpenSessionStaysInCache(Model):
    """Breaks SSL_set_session.3/open-session-leaves-cache."""

    def _is_open(self, conn: StagedConnection) -> bool:
        del conn
        return False


class OpenSessionLeavesCacheUnreleased(Model):
    """Breaks SSL_set_session.3/open-session-leaves-cache."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        held = len(conn.context.cache)
        super()._leave_old(conn, old)
        if old and len(conn.context.cache) < held:
            old.references += 1


class OpenSessionIsReleasedButStaysInCache(Model):
    """Breaks SSL_set_session.3/open-session-leaves-cache."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        cache = dict(conn.context.cache)
        super()._leave_old(conn, old)
        conn.context.cache.update(cache)


class OpenSessionOfOtherConnectionsLeavesCache(Model):
    """Breaks SSL_set_session.3/open-session-leaves-cache."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, old)
        for other in self._connections.values():
            if other.context is conn.context and other.session and self._is_open(other):
                self._take_out(other.context, other.session)


class FailsWhenThereIsNothingToRemove(Model):
    """Breaks SSL_set_session.3/no-cache-nothing-to-remove."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        conn = self._connections[connection]
        uncached = self._is_open(conn) and conn.session not in conn.context.cache.values()
        outcome = super()._set_session(connection, session)
        return REFUSED if uncached else outcome


class FailsWhereTheCacheIsOff(Model):
    """Breaks SSL_set_session.3/no-cache-nothing-to-remove."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        conn = self._connections[connection]
        return REFUSED if conn.session and not conn.context.mode else super()._set_session(connection, session)


class ReleasesForACacheThatIsNotKept(Model):
    """Breaks SSL_set_session.3/no-cache-nothing-to-remove."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        if old and self._is_open(conn) and old not in conn.context.cache.values():
            self._give_back(old)
        super()._leave_old(conn, old)


class CachesTheSessionThatIsSet(Model):
    """Breaks SSL_set_session.3/no-cache-nothing-to-remove."""

    def _take_new(self, conn: StagedConnection, session: StagedSession | None) -> None:
        super()._take_new(conn, session)
        if session:
            conn.context.cache[session.id] = session


class KeepsItsSessionWhenNoneIsSet(Model):
    """Breaks SSL_set_session.3/none-releases and SSL_set_session.3/none-removes-open."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        return super()._set_session(connection, session) if session else Outcome(1, [])


class ReleasesEverywhereWhenNoneIsSet(Model):
    """Breaks SSL_set_session.3/none-releases."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        if session is None:
            for held in [conn.session for conn in self._connections.values() if conn.session]:
                self._give_back(held)
        return super()._set_session(connection, session)


class OpenSessionStaysWhenNoneIsSet(Model):
    """Breaks SSL_set_session.3/none-removes-open."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        cache = dict(conn.context.cache)
        super()._leave_old(conn, old)
        if conn.session is None:
            conn.context.cache.update(cache)


class ShutdownDoesNotCountWhenNoneIsSet(Model):
    """Breaks SSL_set_session.3/none-removes-open."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        if conn.session is None:
            conn.shutdown = frozenset()
        super()._leave_old(conn, old)


class ShutdownDoesNotCount(Model):
    """Breaks SSL_set_session.3/shut-down-is-not-open."""

    def shutdown(self, connection: Connection) -> int:
        conn = self._connections[connection]
        return super().shutdown(connection) if conn.quiet else 0


class ReleasesTwiceAfterShutdown(Model):
    """Breaks SSL_set_session.3/shut-down-is-not-open and SSL_set_session.3/used-session-released."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, old)
        if old and conn.shutdown:
            self._give_back(old)


class ShutdownEmptiesTheCache(Model):
    """Breaks SSL_set_session.3/shut-down-is-not-open."""

    def _leave_old(self, conn: StagedConnection, old: StagedSession | None) -> None:
        super()._leave_old(conn, old)
        if ShutdownFlag.SENT in conn.shutdown:
            conn.context.cache.clear()


class QuietShutdownDoesNotCount(Model):
    """Breaks SSL_set_session.3/quiet-shutdown-is-not-open."""

    def shutdown(self, connection: Connection) -> int:
        conn = self._connections[connection]
        return 1 if conn.quiet else super().shutdown(connection)


class AskingForQuietShutdownIsEnough(Model):
    """Breaks SSL_set_session.3/quiet-shutdown-is-not-open."""

    def set_quiet_shutdown(self, connection: Connection) -> None:
        super().set_quiet_shutdown(connection)
        self._connections[connection].shutdown |= {ShutdownFlag.SENT}


class SentFlagDoesNotCount(Model):
    """Breaks SSL_set_session.3/sent-flag-is-not-open."""

    def set_shutdown(self, connection: Connection, flags: Sequence[ShutdownFlag]) -> None:
        super().set_shutdown(connection, [flag for flag in flags if flag is not ShutdownFlag.SENT])


class ReceivedFlagCounts(Model):
    """Breaks SSL_set_session.3/received-flag-is-open."""

    def _is_open(self, conn: StagedConnection) -> bool:
        return conn.established and not conn.shutdown


# SSL_set_session.3: what is returned


class SetReturnsTwo(Model):
    """Breaks SSL_set_session.3/returns-0-or-1 and SSL_set_session.3/succeeds-with-1."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        outcome = super()._set_session(connection, session)
        return outcome._replace(value=2 * outcome.value)


class SetFailsWithMinusOne(Model):
    """Breaks SSL_set_session.3/returns-0-or-1."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        outcome = super()._set_session(connection, session)
        return outcome if outcome.value else outcome._replace(value=-1)


class SetSucceedsWithZero(Model):
    """Breaks SSL_set_session.3/succeeds-with-1 and SSL_set_session.3/failure-has-reason."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        return super()._set_session(connection, session)._replace(value=0)


class RefusesToTakeAnothersPlace(Model):
    """Breaks SSL_set_session.3/succeeds-with-1."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        return REFUSED if self._connections[connection].session else super()._set_session(connection, session)


class SetFailsWithoutReason(Model):
    """Breaks SSL_set_session.3/failure-has-reason."""

    def _set_session(self, connection: Connection, session: Session | None) -> Outcome:
        return super()._set_session(connection, session)._replace(errors=[])


# SSL_CTX_add_session.3: adding


class AddsNothing(Model):
    """Breaks SSL_CTX_add_session.3/added."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        outcome = super()._put(ctx, new)
        ctx.cache.pop(new.id)
        return outcome


class AddsOnlyOnClients(Model):
    """Breaks SSL_CTX_add_session.3/added."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        return super()._put(ctx, new) if ctx.role is Role.CLIENT else Outcome(1, [])


class TakesWhateverIsThereForTheSession(Model):
    """Breaks SSL_CTX_add_session.3/added and SSL_CTX_add_session.3/absent-returns-0."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        return super()._take_out(ctx, next(iter(ctx.cache.values()), session))


class AddsWithoutReference(Model):
    """Breaks SSL_CTX_add_session.3/add-reference."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        outcome = super()._put(ctx, new)
        new.references -= outcome.value
        new.destroyed = new.references == 0
        return outcome


class AddsWithTwoReferences(Model):
    """Breaks SSL_CTX_add_session.3/add-reference."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        outcome = super()._put(ctx, new)
        new.references += outcome.value
        return outcome


class AddsReferenceToEverySession(Model):
    """Breaks SSL_CTX_add_session.3/add-reference."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        for session in self._sessions.values():
            session.references += session is not new
        return super()._put(ctx, new)


class AddSucceedsWithZero(Model):
    """Breaks SSL_CTX_add_session.3/add-succeeds-with-1."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        return super()._put(ctx, new)._replace(value=0)


class AddReturnsTwo(Model):
    """Breaks SSL_CTX_add_session.3/returns-0-or-1."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        outcome = super()._put(ctx, new)
        return outcome._replace(value=2 * outcome.value)


class RemoveReturnsTwo(Model):
    """Breaks SSL_CTX_add_session.3/returns-0-or-1."""

    def remove_session(self, context: Context, session: Session) -> Outcome:
        outcome = super().remove_session(context, session)
        return outcome._replace(value=2 * outcome.value)


class RemoveFailsWithMinusOne(Model):
    """Breaks SSL_CTX_add_session.3/returns-0-or-1 and SSL_CTX_add_session.3/absent-returns-0."""

    def remove_session(self, context: Context, session: Session) -> Outcome:
        outcome = super().remove_session(context, session)
        return outcome if outcome.value else outcome._replace(value=-1)


# SSL_CTX_add_session.3: the same session id


class KeepsTheOldOne(Model):
    """Breaks SSL_CTX_add_session.3/same-id-replaced."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        return Outcome(1, []) if ctx.cache.get(new.id, new) is not new else super()._put(ctx, new)


class RefusesTheSameId(Model):
    """Breaks SSL_CTX_add_session.3/same-id-replaced."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        return REFUSED if new.id in ctx.cache else super()._put(ctx, new)


class KeepsBothWithTheSameId(Model):
    """Breaks SSL_CTX_add_session.3/same-id-replaced and SSL_CTX_add_session.3/same-id-released-once."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        old = ctx.cache.get(new.id, new)
        if old is not new:
            ctx.cache[f"the old {old.id}"] = ctx.cache.pop(old.id)
        return super()._put(ctx, new)


class ReplacesWithZero(Model):
    """Breaks SSL_CTX_add_session.3/same-id-replaced."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        replaces = new.id in ctx.cache
        outcome = super()._put(ctx, new)
        return REFUSED if replaces else outcome


class ReplacesWithoutReference(Model):
    """Breaks SSL_CTX_add_session.3/same-id-replaced."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        replaces = ctx.cache.get(new.id, new) is not new
        outcome = super()._put(ctx, new)
        new.references -= replaces
        return outcome


class EmptiesTheCacheWhenItReplaces(Model):
    """Breaks SSL_CTX_add_session.3/same-id-replaced."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        replaces = ctx.cache.get(new.id, new) is not new
        outcome = super()._put(ctx, new)
        if replaces:
            ctx.cache.clear()
        return outcome


class KeepsReferenceToTheReplaced(Model):
    """Breaks SSL_CTX_add_session.3/same-id-released-once."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        old = ctx.cache.get(new.id, new)
        old.references += old is not new
        return super()._put(ctx, new)


class ReleasesTheReplacedTwice(Model):
    """Breaks SSL_CTX_add_session.3/same-id-released-once."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        old = ctx.cache.get(new.id, new)
        if old is not new:
            self._give_back(old)
        return super()._put(ctx, new)


class HoldsOneSessionOnly(Model):
    """Breaks SSL_CTX_add_session.3/other-id-kept."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        for old in [old for old in ctx.cache.values() if old.id != new.id]:
            self._drop(ctx, old)
        return super()._put(ctx, new)


class ReleasesOthersButKeepsTheirEntries(Model):
    """Breaks SSL_CTX_add_session.3/other-id-kept."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        for old in ctx.cache.values():
            if old.id != new.id:
                self._give_back(old)
        return super()._put(ctx, new)


class LosesEntriesOfOthersButKeepsTheirReferences(Model):
    """Breaks SSL_CTX_add_session.3/other-id-kept."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        for id_ in ctx.cache.keys() - {new.id}:
            del ctx.cache[id_]
        return super()._put(ctx, new)


# SSL_CTX_add_session.3: the very object again


class AddsAgainWithOne(Model):
    """Breaks SSL_CTX_add_session.3/identical-returns-0."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        return super()._put(ctx, new)._replace(value=1)


class RemembersWhatWasRemoved(Model):
    """Breaks SSL_CTX_add_session.3/identical-returns-0."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        return REFUSED if new in ctx.removals else super()._put(ctx, new)


class TakesReferenceAgain(Model):
    """Breaks SSL_CTX_add_session.3/identical-changes-nothing."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        new.references += ctx.cache.get(new.id) is new
        return super()._put(ctx, new)


class LosesReferenceAgain(Model):
    """Breaks SSL_CTX_add_session.3/identical-changes-nothing."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        new.references -= ctx.cache.get(new.id) is new
        return super()._put(ctx, new)


class MakesSecondEntryAgain(Model):
    """Breaks SSL_CTX_add_session.3/identical-changes-nothing."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        if ctx.cache.get(new.id) is new:
            ctx.cache[f"again {new.id}"] = new
        return super()._put(ctx, new)


class RemovesWhatIsAddedAgain(Model):
    """Breaks SSL_CTX_add_session.3/identical-changes-nothing."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        outcome = super()._put(ctx, new)
        if not outcome.value:
            self._drop(ctx, new)
        return outcome


class RenewsWhatIsAddedAgain(Model):
    """Breaks SSL_CTX_add_session.3/identical-changes-nothing."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        if ctx.cache.get(new.id) is new:
            ctx.cache[new.id] = ctx.cache.pop(new.id)
        return super()._put(ctx, new)


class MarksWhatIsAddedAgain(Model):
    """Breaks SSL_CTX_add_session.3/identical-changes-nothing."""

    def _put(self, ctx: StagedContext, new: StagedSession) -> Outcome:
        if ctx.cache.get(new.id) is new:
            new.resumable = False
        return super()._put(ctx, new)


# SSL_CTX_add_session.3: removing


class KeepsReferenceOfWhatIsRemoved(Model):
    """Breaks SSL_CTX_add_session.3/add-keeps-callers-reference and SSL_CTX_add_session.3/removed."""

    def _drop(self, ctx: StagedContext, session: StagedSession) -> None:
        del ctx.cache[session.id]


class RemovesNothing(Model):
    """Breaks SSL_CTX_add_session.3/removed."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        outcome = super()._take_out(ctx, session)
        if outcome.value:
            ctx.cache[session.id] = session
        return outcome


class RemovesOnlyOnClients(Model):
    """Breaks SSL_CTX_add_session.3/removed."""

    def remove_session(self, context: Context, session: Session) -> Outcome:
        if self._contexts[context].role is Role.SERVER:
            return Outcome(1, [])
        return super().remove_session(context, session)


class RemovesTheOthersToo(Model):
    """Breaks SSL_CTX_add_session.3/removed."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        outcome = super()._take_out(ctx, session)
        for other in list(ctx.cache.values()):
            self._drop(ctx, other)
        return outcome


class MarksNothing(Model):
    """Breaks SSL_CTX_add_session.3/remove-marks."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        marked = not session.resumable
        outcome = super()._take_out(ctx, session)
        session.resumable = not marked
        return outcome


class MarksTheOthersToo(Model):
    """Breaks SSL_CTX_add_session.3/remove-marks."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        for other in ctx.cache.values():
            other.resumable = False
        return super()._take_out(ctx, session)


class OffersWhatIsMarked(Model):
    """Breaks SSL_CTX_add_session.3/removed-is-not-resumed."""

    def _offer(self, client: StagedConnection) -> StagedSession | None:
        return client.session


class NeverOffersWhatIsCached(Model):
    """Breaks SSL_CTX_add_session.3/removed-is-not-resumed."""

    def _offer(self, client: StagedConnection) -> StagedSession | None:
        offered = super()._offer(client)
        return None if offered in client.context.cache.values() else offered


class RemovesWithoutRelease(Model):
    """Breaks SSL_CTX_add_session.3/remove-releases-once."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        outcome = super()._take_out(ctx, session)
        session.references += outcome.value
        return outcome


class RemovesWithTwoReleases(Model):
    """Breaks SSL_CTX_add_session.3/remove-releases-once."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        outcome = super()._take_out(ctx, session)
        if outcome.value:
            self._give_back(session)
        return outcome


class RemoveDestroysTheSession(Model):
    """Breaks SSL_CTX_add_session.3/remove-releases-once."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        session.destroyed = True
        return super()._take_out(ctx, session)


class RemoveSucceedsWithZero(Model):
    """Breaks SSL_CTX_add_session.3/remove-succeeds-with-1."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        return super()._take_out(ctx, session)._replace(value=0)


class RemovesTheAbsentWithOne(Model):
    """Breaks SSL_CTX_add_session.3/absent-returns-0."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        return super()._take_out(ctx, session)._replace(value=1)


class RemovesTheAbsentOnceMore(Model):
    """Breaks SSL_CTX_add_session.3/absent-returns-0."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        return Outcome(1, []) if session in ctx.removals else super()._take_out(ctx, session)


class EmptiesTheCacheForTheAbsent(Model):
    """Breaks SSL_CTX_add_session.3/absent-returns-0."""

    def _take_out(self, ctx: StagedContext, session: StagedSession) -> Outcome:
        outcome = super()._take_out(ctx, session)
        if not outcome.value:
            ctx.cache.clear()
        return outcome


# SSL_CTX_add_session.3: the flags of a server's cache


class StoresInSpiteOfTheFlag(Model):
    """Breaks SSL_CTX_add_session.3/store-suppressed."""

    def _store(self, ctx: StagedContext, session: StagedSession) -> None:
        if CacheMode.NO_INTERNAL_LOOKUP in ctx.mode:
            super()._store(ctx, session)
        else:
            self._put(ctx, session)


class StoresWithBothFlags(Model):
    """Breaks SSL_CTX_add_session.3/store-suppressed."""

    def _store(self, ctx: StagedContext, session: StagedSession) -> None:
        if CacheMode.NO_INTERNAL_LOOKUP in ctx.mode:
            self._put(ctx, session)
        else:
            super()._store(ctx, session)


class StoresNothing(Model):
    """Breaks SSL_CTX_add_session.3/store-suppressed and SSL_CTX_add_session.3/lookup-suppressed."""

    def _store(self, ctx: StagedContext, session: StagedSession) -> None:
        del ctx, session


class NoStoreMeansNoLookup(Model):
    """Breaks SSL_CTX_add_session.3/hand-added-is-resumed."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        return None if CacheMode.NO_INTERNAL_STORE in server.context.mode else super()._accept(server, offered)


class ResumesWhatWasNotAdded(Model):
    """Breaks SSL_CTX_add_session.3/hand-added-is-resumed."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        known = [one for one in self._sessions.values() if offered and one.id == offered.id and one.resumable and one is not offered]
        return super()._accept(server, offered) or next(iter(known), None)


class ResumesWhatWasRemoved(Model):
    """Breaks SSL_CTX_add_session.3/hand-added-is-resumed."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        removed = [one for one in server.context.removals if offered and one.id == offered.id]
        return super()._accept(server, offered) or next(iter(removed), None)


class LooksUpInSpiteOfTheFlag(Model):
    """Breaks SSL_CTX_add_session.3/lookup-suppressed."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        if offered and CacheMode.NO_INTERNAL_STORE not in server.context.mode:
            return server.context.cache.get(offered.id)
        return super()._accept(server, offered)


class LooksUpWithBothFlags(Model):
    """Breaks SSL_CTX_add_session.3/lookup-suppressed."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        if offered and CacheMode.NO_INTERNAL_STORE in server.context.mode:
            return server.context.cache.get(offered.id)
        return super()._accept(server, offered)


class NeverLooksUp(Model):
    """Breaks SSL_CTX_add_session.3/lookup-suppressed."""

    def _accept(self, server: StagedConnection, offered: StagedSession | None) -> StagedSession | None:
        del server, offered
        return None

"""The model behind the interface: what differs from edition to edition, and what the scenarios never ask it."""

from __future__ import annotations

import pytest

from sslspec.adapters.errors import NotObservable
from sslspec.adapters.interface import (
    OPERATIONS,
    Adapter,
    CacheMode,
    Connection,
    Context,
    Handshake,
    Point,
    Reaction,
    Role,
    Session,
    ShutdownFlag,
    Variant,
)
from sslspec.adapters.model import Model
from sslspec.clauses import DEFAULT_EDITION, EDITIONS
from sslspec.evidence import Event, lines

AGE, TIMEOUT = 0, 300
OPEN_SESSION_STAYS = ("openssl-2001", "openbsd-2016", "libressl-3.1.0", "boringssl-2026", "aws-lc-5.12")


@pytest.fixture
def model() -> Model:
    return Model(DEFAULT_EDITION)


def _hand_made(model: Adapter, label: str = "id 1", version: str = "TLSv1.2") -> Session:
    return model.new_session(label, version, AGE, TIMEOUT)


def _caching(model: Adapter) -> Context:
    context = model.new_context(Role.CLIENT, Variant.TLS12_ID)
    model.set_cache(context, [CacheMode.CLIENT])
    return context


def _ends(model: Adapter, variant: Variant) -> tuple[Context, Connection, Connection]:
    client, server = model.new_context(Role.CLIENT, variant), model.new_context(Role.SERVER, variant)
    model.set_cache(client, [CacheMode.CLIENT])
    return client, model.new_connection(client), model.new_connection(server)


def _established(model: Adapter, variant: Variant = Variant.TLS12_ID) -> tuple[Context, Connection, Connection]:
    ends = _ends(model, variant)
    model.handshake(ends[1], ends[2], Point.ESTABLISHED)
    return ends


def _again(model: Adapter, client: Context, server: Context, session: Session) -> tuple[Connection, Connection]:
    ends = model.new_connection(client), model.new_connection(server)
    model.set_session(ends[0], session)
    model.handshake(*ends, Point.ESTABLISHED)
    return ends


def test_it_has_every_operation(model: Model) -> None:
    adapter: Adapter = model
    assert [name for name in OPERATIONS if not callable(getattr(adapter, name, None))] == []


@pytest.mark.parametrize("edition", EDITIONS)
def test_it_says_which_edition_it_is_of(edition: str) -> None:
    assert Model(edition).describe() == {"version": f"model of {edition}", "family": "model", "release": "", "files": []}


@pytest.mark.parametrize("variant", Variant)
@pytest.mark.parametrize("edition", EDITIONS)
def test_an_open_session_leaves_the_cache_where_the_edition_says_so(edition: str, variant: Variant) -> None:
    model = Model(edition)
    context, client, _ = _established(model, variant)
    old = model.get_session(client)
    assert old is not None
    assert (model.entries(context), model.references(old)) == (1, 3)
    model.set_session(client, _hand_made(model))
    stays = edition in OPEN_SESSION_STAYS
    assert (model.entries(context), model.references(old), model.resumable(old)) == ((1, 2, True) if stays else (0, 1, False))


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_session_that_was_shut_down_stays_in_every_edition(edition: str) -> None:
    model = Model(edition)
    context, client, _ = _established(model)
    model.shutdown(client)
    assert model.set_session(client, _hand_made(model)) == (1, [])
    assert model.entries(context) == 1


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_session_that_was_only_set_is_not_open(edition: str) -> None:
    model = Model(edition)
    context, session = _caching(model), _hand_made(model)
    model.add_session(context, session)
    connection = model.new_connection(context)
    model.set_session(connection, session)
    model.set_session(connection, _hand_made(model, "id 2"))
    assert (model.entries(context), model.references(session)) == (1, 2)


def test_what_nobody_holds_is_destroyed_and_stays_so(model: Model) -> None:
    session = _hand_made(model)
    assert not model.destroyed(session)
    model.release(session)
    assert model.destroyed(session)
    context = _caching(model)
    for _ in range(2):
        model.set_session(model.new_connection(context), session)
    model.release(session)
    assert model.destroyed(session)


def test_the_last_reference_survives_being_set_again(model: Model) -> None:
    session, connection = _hand_made(model), model.new_connection(_caching(model))
    model.set_session(connection, session)
    model.release(session)
    model.set_session(connection, session)
    assert (model.references(session), model.destroyed(session)) == (1, False)


def test_setting_none_releases(model: Model) -> None:
    session, connection = _hand_made(model), model.new_connection(_caching(model))
    model.set_session(connection, session)
    assert model.set_session(connection, None) == (1, [])
    assert (model.references(session), model.peek_session(connection)) == (1, None)


def test_a_version_that_nobody_knows_is_refused_with_a_reason(model: Model) -> None:
    session, connection = _hand_made(model, version="unheard of"), model.new_connection(_caching(model))
    assert model.set_session(connection, session) == (0, ["no such protocol version"])
    assert (model.references(session), model.peek_session(connection)) == (1, None)


def test_only_get_takes_a_reference(model: Model) -> None:
    session, connection = _hand_made(model), model.new_connection(_caching(model))
    model.set_session(connection, session)
    assert model.peek_session(connection) == session
    assert model.references(session) == 2
    assert model.get_session(connection) == session
    assert model.references(session) == 3


def test_a_handshake_goes_as_far_as_it_is_told(model: Model) -> None:
    _, client, server = _ends(model, Variant.TLS12_ID)
    for point, finished in {Point.CLIENT_SPOKE: False, Point.SERVER_ANSWERED: False, Point.ESTABLISHED: True}.items():
        assert model.handshake(client, server, point) == Handshake(finished, finished, "")


def test_a_handshake_with_a_peer_that_hung_up_fails(model: Model) -> None:
    _, client, server = _ends(model, Variant.TLS12_ID)
    model.hang_up(server)
    assert model.handshake(client, server, Point.ESTABLISHED) == Handshake(client=False, server=False, failed="unexpected end of file")


@pytest.mark.parametrize("variant", Variant)
def test_the_server_keeps_a_session_only_where_it_is_in_no_ticket(model: Model, variant: Variant) -> None:
    _ends_made = model.new_context(Role.CLIENT, variant), model.new_context(Role.SERVER, variant)
    client, server = (model.new_connection(context) for context in _ends_made)
    model.handshake(client, server, Point.ESTABLISHED)
    assert model.entries(_ends_made[1]) == variant.in_server_cache
    assert model.entries(_ends_made[0]) == 0


@pytest.mark.parametrize("variant", Variant)
def test_a_resumption_in_tls13_gives_the_client_a_new_session(model: Model, variant: Variant) -> None:
    contexts = model.new_context(Role.CLIENT, variant), model.new_context(Role.SERVER, variant)
    first = model.new_connection(contexts[0]), model.new_connection(contexts[1])
    model.handshake(*first, Point.ESTABLISHED)
    session = model.received_session(first[0])
    assert session is not None
    client, server = _again(model, *contexts, session)
    assert model.reused(client)
    assert model.reused(server)
    model.exchange(client, server)
    assert (model.peek_session(client) == session) is (variant.version == "TLSv1.2")


@pytest.mark.parametrize(("age", "reused"), [(TIMEOUT, True), (TIMEOUT + 1, False)])
def test_an_expired_session_is_not_offered(model: Model, age: int, reused: bool) -> None:  # noqa: FBT001
    contexts = model.new_context(Role.CLIENT, Variant.TLS12_ID), model.new_context(Role.SERVER, Variant.TLS12_ID)
    session = model.new_session("id 1", "TLSv1.2", age, TIMEOUT)
    model.add_session(contexts[1], _hand_made(model))
    assert model.reused(_again(model, *contexts, session)[0]) is reused


def test_a_full_cache_loses_its_oldest_entry(model: Model) -> None:
    context = _caching(model)
    model.set_cache_size(context, 2)
    first, second, third = (_hand_made(model, f"id {number}") for number in range(3))
    for session in (first, second, third):
        assert model.add_session(context, session) == (1, [])
    assert model.entries(context) == 2
    assert [model.references(session) for session in (first, second, third)] == [1, 2, 2]


def test_a_freed_context_gives_its_references_back(model: Model) -> None:
    context, session = _caching(model), _hand_made(model)
    model.add_session(context, session)
    model.free_context(context)
    assert (model.references(session), model.destroyed(session)) == (1, False)


def test_a_removal_is_heard_of_and_a_replacement_is_not(model: Model) -> None:
    context, old, new = _caching(model), _hand_made(model), _hand_made(model)
    model.watch_removals(context)
    model.add_session(context, old)
    model.add_session(context, new)
    assert model.removals(context) == []
    model.remove_session(context, new)
    assert model.removals(context) == [new]


def test_no_session_is_refused(model: Model) -> None:
    context = _caching(model)
    assert model.add_session(context, None) == model.remove_session(context, None) == (0, [])
    assert [line.strip() for line in lines(model.evidence())][-2:] == [
        "SSL_CTX_add_session(ctx1, NULL) = 0",
        "SSL_CTX_remove_session(ctx1, NULL) = 0",
    ]


def test_a_callback_that_does_something_is_of_no_page(model: Model) -> None:
    context = _caching(model)
    model.watch_removals(context, Reaction.NOTHING)
    assert model.reacted(context) is None
    with pytest.raises(NotObservable, match="no page says what becomes of a callback that frees the session"):
        model.watch_removals(context, Reaction.FREE)


@pytest.mark.parametrize(("flags", "entries"), [([], 0), ([ShutdownFlag.SENT], 1), ([ShutdownFlag.RECEIVED], 0), (list(ShutdownFlag), 1)])
def test_only_the_sent_flag_closes(model: Model, flags: list[ShutdownFlag], entries: int) -> None:
    context, client, _ = _established(model)
    model.set_shutdown(client, flags)
    model.set_session(client, None)
    assert model.entries(context) == entries


@pytest.mark.parametrize("quiet", [False, True])
def test_a_quiet_shutdown_is_done_at_once(model: Model, quiet: bool) -> None:  # noqa: FBT001
    _, client, _ = _established(model)
    if quiet:
        model.set_quiet_shutdown(client)
    assert model.shutdown(client) == int(quiet)


def test_a_cleared_connection_can_be_used_again(model: Model) -> None:
    _, client, _ = _established(model)
    session = model.peek_session(client)
    model.shutdown(client)
    model.clear(client)
    assert (model.peek_session(client), model.reused(client)) == (session, False)
    server = model.new_connection(model.new_context(Role.SERVER, Variant.TLS12_ID))
    assert model.handshake(client, server, Point.ESTABLISHED) == Handshake(client=True, server=True, failed="")


def test_a_row_begins_with_nothing_and_counts_from_1(model: Model) -> None:
    for _ in range(2):
        model.begin()
        context, client, server = _ends(model, Variant.TLS12_ID)
        assert (context, client, server, _hand_made(model)) == ("ctx1", "client1", "server1", "session1")
        model.end()
        with pytest.raises(KeyError):
            model.entries(context)


def test_its_evidence_is_the_calls_in_order_and_is_given_once(model: Model) -> None:
    context, session = _caching(model), _hand_made(model)
    model.add_session(context, session)
    model.references(session)
    assert lines(model.evidence()) == [
        "    SSL_CTX_new(client, TLS 1.2 with session ids) = ctx1",
        "    SSL_CTX_set_session_cache_mode(ctx1, client)",
        "    d2i_SSL_SESSION(id=id 1, version=TLSv1.2, age=0, timeout=300) = session1",
        "    SSL_CTX_add_session(ctx1, session1) = 1",
        "    references(session1): 2",
    ]
    assert model.evidence() == []


def test_each_operation_is_recorded_as_the_call_it_stands_for(model: Model) -> None:
    context, client, server = _ends(model, Variant.TLS12_ID)
    session = _hand_made(model)
    model.evidence()
    model.set_cache_size(context, 3)
    model.watch_removals(context)
    model.add_session(context, session)
    model.remove_session(context, session)
    model.handshake(client, server, Point.ESTABLISHED)
    model.exchange(client, server)
    model.reused(client)
    model.version(client)
    model.get_session(client)
    model.peek_session(client)
    model.set_quiet_shutdown(client)
    model.shutdown(client)
    model.set_shutdown(client, list(ShutdownFlag))
    model.clear(client)
    model.hang_up(server)
    model.free_connection(client)
    model.release(session)
    model.free_context(context)
    assert [line.strip() for line in lines(model.evidence())] == [
        "SSL_CTX_sess_set_cache_size(ctx1, 3)",
        "SSL_CTX_sess_set_remove_cb(ctx1)",
        "SSL_CTX_add_session(ctx1, session1) = 1",
        "SSL_CTX_remove_session(ctx1, session1) = 1",
        "SSL_connect(client1)",
        "SSL_accept(server1)",
        "SSL_connect(client1)",
        "SSL_write(server1, 1 byte)",
        "SSL_read(client1, 1 byte)",
        "SSL_session_reused(client1) = 0",
        "SSL_get_version(client1) = TLSv1.2",
        "SSL_get1_session(client1) = session2",
        "SSL_get_session(client1) = session2",
        "SSL_set_quiet_shutdown(client1, 1)",
        "SSL_shutdown(client1) = 1",
        "SSL_set_shutdown(client1, sent|received)",
        "SSL_clear(client1)",
        "(transport closed)(server1)",
        "SSL_free(client1)",
        "SSL_SESSION_free(session1)",
        "SSL_CTX_free(ctx1)",
    ]


def test_setting_none_is_recorded_as_null(model: Model) -> None:
    connection = model.new_connection(_caching(model))
    model.evidence()
    model.set_session(connection, None)
    assert model.evidence() == [Event("call", "SSL_set_session", (connection, None), 1)]

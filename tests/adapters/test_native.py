"""The native adapter on the system's libssl and on every OpenSSL of the catalogue that is here; other families: test_native_families.py."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from processes import PATIENCE

from sslspec.adapters.catalogue import catalogue
from sslspec.adapters.certificate import certificate
from sslspec.adapters.errors import AdapterBroken, LibraryCrashed, NotImplementedThere, NotObservable, ProtocolNotSpoken
from sslspec.adapters.implementation import adapter_over
from sslspec.adapters.interface import (
    CacheMode,
    Connection,
    Context,
    Handshake,
    Outcome,
    Point,
    Reaction,
    Role,
    Session,
    ShutdownFlag,
    Variant,
)
from sslspec.adapters.native.api import Api
from sslspec.adapters.native.families import FAMILIES
from sslspec.adapters.native.sessions import Sessions
from sslspec.adapters.resolve import open_native
from sslspec.adapters.worker.client import WorkerClient, python_worker
from sslspec.evidence import UNFINISHED, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sslspec.adapters.implementation import Implementation
    from sslspec.adapters.interface import Adapter
    from sslspec.evidence import Event

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="native libraries are driven on Linux")

NO_TLS13 = {Variant.TLS13_STATELESS.value, Variant.TLS13_STATEFUL.value}
#: What a library cannot show, by its name in the catalogue; everything else must.
WITHDRAWN = {"openssl-1.0.2q": {"marked", *NO_TLS13}, "openssl-1.1.0f": {"marked", *NO_TLS13}}
WEEK = 7 * 24 * 3600


@pytest.fixture(scope="session")
def opened_once() -> Iterator[dict[str, Implementation]]:
    """Return what is open so far: in a random order, a library would be opened for every test."""
    opened: dict[str, Implementation] = {}
    yield opened
    for implementation in opened.values():
        implementation.close()


@pytest.fixture
def implementation(library_name: str, libssl: Path, opened_once: dict[str, Implementation]) -> Implementation:
    if library_name not in opened_once:
        opened_once[library_name] = open_native(library_name, libssl)
    return opened_once[library_name]


@pytest.fixture
def adapter(implementation: Implementation) -> Iterator[Adapter]:
    adapter = adapter_over(implementation.ask)
    adapter.begin()
    adapter.evidence()
    yield adapter
    adapter.end()


def contexts(adapter: Adapter, variant: Variant = Variant.TLS12_ID) -> tuple[Context, Context]:
    return client_context(adapter, variant), adapter.new_context(Role.SERVER, variant)


def client_context(adapter: Adapter, variant: Variant = Variant.TLS12_ID) -> Context:
    try:
        context = adapter.new_context(Role.CLIENT, variant)
    except ProtocolNotSpoken as error:
        pytest.skip(str(error))
    adapter.set_cache(context, [CacheMode.CLIENT])
    return context


def connect(adapter: Adapter, both: tuple[Context, Context], session: Session | None = None) -> tuple[Connection, Connection]:
    client, server = (adapter.new_connection(context) for context in both)
    if session:
        assert adapter.set_session(client, session) == Outcome(1, [])
    assert adapter.handshake(client, server, Point.ESTABLISHED) == Handshake(client=True, server=True, failed="")
    return client, server


def received(adapter: Adapter, both: tuple[Context, Context]) -> Session:
    """Return a session that can be resumed, whose connection is gone."""
    client, server = connect(adapter, both)
    adapter.exchange(client, server)
    session = adapter.received_session(client)
    assert session is not None
    for end in (client, server):
        adapter.shutdown(end)
    for end in (client, server):
        adapter.free_connection(end)
    return session


def made(adapter: Adapter, label: str = "one", version: str = "TLSv1.2", age: int = 0, timeout: int = WEEK) -> Session:
    return adapter.new_session(label, version, age, timeout)


class TestIdentity:
    def test_is_the_library_that_was_asked_for(self, implementation: Implementation, libssl: Path, library_name: str) -> None:
        identity = implementation.identity
        assert str(libssl.resolve()) in [file.path for file in identity.files]
        assert {Path(file.path).parent for file in identity.files} == {libssl.resolve().parent}
        assert identity.family == identity.version.split()[0].lower() == "openssl"
        if library_name in catalogue() and catalogue()[library_name].version:
            assert identity.version.split()[1] == catalogue()[library_name].version

    def test_shows_what_it_claims(self, implementation: Implementation, library_name: str) -> None:
        withdrawn = {proof.capability: proof.reason for proof in implementation.identity.proofs if not proof.proven}
        if library_name == "system":
            pytest.skip("which release it is, nobody knows; the other tests see what it shows")
        assert set(withdrawn) == WITHDRAWN.get(library_name, set()), withdrawn

    def test_tells_why_it_cannot_show_the_rest(self, implementation: Implementation) -> None:
        assert all(proof.reason for proof in implementation.identity.proofs)


@pytest.mark.parametrize("variant", list(Variant))
class TestHandshakes:
    def test_a_full_one(self, adapter: Adapter, variant: Variant) -> None:
        for end in connect(adapter, contexts(adapter, variant)):
            assert adapter.version(end) == variant.version
            assert not adapter.reused(end)

    def test_a_resumption_is_reported_at_both_ends(self, adapter: Adapter, variant: Variant) -> None:
        both = contexts(adapter, variant)
        for end in connect(adapter, both, received(adapter, both)):
            assert adapter.version(end) == variant.version
            assert adapter.reused(end)

    def test_another_server_resumes_nothing(self, adapter: Adapter, variant: Variant) -> None:
        session = received(adapter, contexts(adapter, variant))
        for end in connect(adapter, contexts(adapter, variant), session):
            assert not adapter.reused(end)

    def test_the_servers_cache_holds_the_session_where_it_should(self, adapter: Adapter, variant: Variant) -> None:
        both = contexts(adapter, variant)
        received(adapter, both)
        assert (adapter.entries(both[1]) > 0) == variant.in_server_cache

    def test_two_runs_give_the_same_evidence(self, adapter: Adapter, variant: Variant) -> None:
        first, second = (self._evidence_of_a_resumption(adapter, variant) for _ in range(2))
        assert first == second
        assert len(first) > 30

    @staticmethod
    def _evidence_of_a_resumption(adapter: Adapter, variant: Variant) -> list[Event]:
        adapter.end()
        adapter.begin()
        adapter.evidence()
        both = contexts(adapter, variant)
        for context in both:
            adapter.watch_removals(context)
        session = received(adapter, both)
        client, server = connect(adapter, both, session)
        adapter.exchange(client, server)
        for end in (client, server):
            adapter.reused(end)
            adapter.references(session)
        adapter.end()
        return adapter.evidence()

    def test_goes_as_far_as_it_is_asked_to(self, adapter: Adapter, variant: Variant) -> None:
        client, server = (adapter.new_connection(context) for context in contexts(adapter, variant))
        assert adapter.handshake(client, server, Point.CLIENT_SPOKE) == Handshake(client=False, server=False, failed="")
        assert not adapter.handshake(client, server, Point.SERVER_ANSWERED).client
        assert adapter.handshake(client, server, Point.ESTABLISHED) == Handshake(client=True, server=True, failed="")

    def test_fails_with_a_reason_when_the_peer_is_gone(self, adapter: Adapter, variant: Variant) -> None:
        client, server = (adapter.new_connection(context) for context in contexts(adapter, variant))
        adapter.handshake(client, server, Point.CLIENT_SPOKE)
        adapter.hang_up(server)
        failed = adapter.handshake(client, server, Point.ESTABLISHED)
        assert not failed.client
        assert failed.failed.startswith(f"SSL_connect({client}): ")


class TestSessions:
    def test_are_counted(self, adapter: Adapter) -> None:
        session, connection = made(adapter), adapter.new_connection(client_context(adapter))
        counts = [adapter.references(session)]
        adapter.set_session(connection, session)
        counts.append(adapter.references(session))
        assert adapter.get_session(connection) == session
        counts.append(adapter.references(session))
        assert adapter.peek_session(connection) == session
        counts.append(adapter.references(session))
        adapter.release(session)
        counts.append(adapter.references(session))
        adapter.free_connection(connection)
        counts.append(adapter.references(session))
        assert counts == [1, 2, 3, 3, 2, 1]

    def test_are_destroyed_with_their_last_reference(self, adapter: Adapter) -> None:
        session, other = made(adapter), made(adapter, "two")
        assert not adapter.destroyed(session)
        adapter.release(session)
        assert (adapter.destroyed(session), adapter.destroyed(other)) == (True, False)
        assert adapter.references(session) == 0

    def test_are_destroyed_with_a_connection_that_held_them(self, adapter: Adapter) -> None:
        session, connection = made(adapter), adapter.new_connection(client_context(adapter))
        adapter.set_session(connection, session)
        adapter.release(session)
        assert not adapter.destroyed(session)
        adapter.free_connection(connection)
        assert adapter.destroyed(session)

    def test_are_never_used_after_that(self, adapter: Adapter) -> None:
        session, context = made(adapter), client_context(adapter)
        adapter.release(session)
        with pytest.raises(AdapterBroken, match="session1 was destroyed and is used again"):
            adapter.add_session(context, session)

    def test_keep_their_names_apart_when_memory_is_used_again(self, adapter: Adapter) -> None:
        names = []
        for _ in range(20):
            names.append(made(adapter))
            adapter.release(names[-1])
        assert names == [f"session{number}" for number in range(1, 21)]
        assert all(adapter.destroyed(session) for session in names)

    def test_are_counted_from_one_in_each_row(self, adapter: Adapter) -> None:
        assert made(adapter) == "session1"
        adapter.end()
        adapter.begin()
        assert made(adapter) == "session1"
        assert client_context(adapter) == "ctx1"
        assert not adapter.destroyed(Session("session1"))

    def test_made_by_hand_are_as_old_as_they_should_be(self, adapter: Adapter, library_name: str) -> None:
        fresh = self._resumed(adapter, made(adapter, age=100, timeout=WEEK))
        expired = self._resumed(adapter, made(adapter, age=WEEK, timeout=100))
        assert not expired
        if library_name == "openssl-1.0.2q":
            # Later releases resume none that was made without an extended master secret.
            assert fresh

    @staticmethod
    def _resumed(adapter: Adapter, session: Session) -> bool:
        both = contexts(adapter)
        assert adapter.add_session(both[1], session).value == 1
        client, _ = connect(adapter, both, session)
        return adapter.reused(client)

    def test_of_a_version_that_no_library_knows(self, adapter: Adapter) -> None:
        """What becomes of them is a scenario's business: the adapter makes them, or says why not."""
        connection = adapter.new_connection(client_context(adapter))
        refusal = ""
        try:
            session = made(adapter, version="unheard of")
        except NotObservable as error:
            refusal = str(error)
        if refusal:
            assert refusal.startswith("hand-made-sessions: d2i_SSL_SESSION refuses one of unheard of: ")
            return
        value, errors = adapter.set_session(connection, session)
        assert (value, bool(errors)) in [(0, True), (1, False)]
        assert adapter.references(session) == 1 + value

    def test_of_both_versions_and_without_an_id(self, adapter: Adapter) -> None:
        assert made(adapter, label="") == "session1"
        with suppress(ProtocolNotSpoken):
            assert made(adapter, version="TLSv1.3") == "session2"

    @pytest.mark.parametrize("variant", [Variant.TLS13_STATELESS, Variant.TLS13_STATEFUL])
    def test_in_tls_1_3_only_the_last_is_kept(self, adapter: Adapter, variant: Variant) -> None:
        both = contexts(adapter, variant)
        adapter.set_cache(both[0], [CacheMode.CLIENT, CacheMode.NO_INTERNAL_STORE])
        client, server = connect(adapter, both)
        adapter.exchange(client, server)
        arrived = [Session(str(event.arguments[1])) for event in adapter.evidence() if event.kind == "callback"]
        assert adapter.received_session(client) == arrived[-1]
        assert [adapter.destroyed(session) for session in arrived] == [True] * (len(arrived) - 1) + [False]
        assert adapter.received_session(client) is None

    @pytest.mark.parametrize("variant", [Variant.TLS13_STATELESS, Variant.TLS13_STATEFUL])
    def test_in_tls_1_3_what_nobody_asked_for_is_freed_with_the_row(self, adapter: Adapter, variant: Variant) -> None:
        client, server = connect(adapter, contexts(adapter, variant))
        adapter.exchange(client, server)
        arrived = [event.arguments[1] for event in adapter.evidence() if event.kind == "callback"]
        adapter.end()
        freed = [event.arguments[0] for event in adapter.evidence() if event.name == "SSL_SESSION_free"]
        assert freed == arrived != []
        adapter.begin()

    def test_in_tls_1_3_the_copies_are_sessions_of_their_own(self, adapter: Adapter) -> None:
        both = contexts(adapter, Variant.TLS13_STATELESS)
        session = received(adapter, both)
        client, server = connect(adapter, both, session)
        adapter.exchange(client, server)
        assert not adapter.destroyed(session)
        for end in (client, server):
            adapter.shutdown(end)
            adapter.free_connection(end)
        assert not adapter.destroyed(session)
        adapter.release(session)
        assert adapter.destroyed(session)


class TestContexts:
    def test_count_their_entries(self, adapter: Adapter) -> None:
        context = client_context(adapter)
        sessions = [made(adapter, label) for label in ("one", "two")]
        counts = [adapter.entries(context)]
        for session in sessions:
            assert adapter.add_session(context, session).value == 1
            counts.append(adapter.entries(context))
        assert adapter.remove_session(context, sessions[0]).value == 1
        counts.append(adapter.entries(context))
        assert counts == [0, 1, 2, 1]

    def test_call_back_for_what_is_removed(self, adapter: Adapter) -> None:
        context, session = client_context(adapter), made(adapter)
        adapter.watch_removals(context)
        adapter.add_session(context, session)
        assert adapter.removals(context) == []
        adapter.remove_session(context, session)
        assert adapter.removals(context) == [session]
        assert [str(event) for event in adapter.evidence() if event.kind == "callback"] == ["callback remove_session(ctx1, session1)"]

    @pytest.mark.parametrize(
        ("reaction", "call", "entries"),
        [(Reaction.COUNT, "SSL_CTX_sess_number(ctx1) = 0", 0), (Reaction.ADD, "SSL_CTX_add_session(ctx1, session1) = 1", 1)],
    )
    def test_are_called_by_the_callback(self, adapter: Adapter, reaction: Reaction, call: str, entries: int) -> None:
        context, session = client_context(adapter), made(adapter)
        adapter.watch_removals(context, reaction)
        assert adapter.reacted(context) is None
        adapter.add_session(context, session)
        adapter.remove_session(context, session)
        assert adapter.reacted(context) == entries
        assert adapter.entries(context) == entries
        assert [line for line in lines(adapter.evidence()) if line.startswith("        ")] == [f"        {call}"]

    def test_call_back_for_what_is_left_when_they_are_freed(self, adapter: Adapter) -> None:
        context, session = client_context(adapter), made(adapter)
        adapter.watch_removals(context)
        adapter.add_session(context, session)
        adapter.free_context(context)
        assert adapter.removals(context) == [session]
        assert adapter.references(session) == 1

    @pytest.mark.parametrize("variant", list(Variant))
    def test_live_as_long_as_their_connections(self, adapter: Adapter, variant: Variant) -> None:
        both = contexts(adapter, variant)
        client, server = (adapter.new_connection(context) for context in both)
        for context in both:
            adapter.watch_removals(context)
            adapter.free_context(context)
        gc.collect()
        assert adapter.handshake(client, server, Point.ESTABLISHED) == Handshake(client=True, server=True, failed="")
        adapter.exchange(client, server)
        assert adapter.received_session(client)
        assert adapter.version(client) == variant.version

    def test_limit_their_cache(self, adapter: Adapter) -> None:
        context = client_context(adapter)
        adapter.set_cache_size(context, 2)
        for label in ("one", "two", "three"):
            adapter.add_session(context, made(adapter, label))
        assert adapter.entries(context) <= 2


class TestConnections:
    def test_are_shut_down(self, adapter: Adapter) -> None:
        client, server = connect(adapter, contexts(adapter))
        assert adapter.shutdown(client) == 0
        assert adapter.shutdown(server) in (0, 1)
        adapter.set_shutdown(server, [ShutdownFlag.SENT, ShutdownFlag.RECEIVED])
        adapter.set_quiet_shutdown(client)
        assert adapter.shutdown(client) == 1

    def test_can_be_used_again_after_clear(self, adapter: Adapter) -> None:
        both = contexts(adapter)
        client, server = connect(adapter, both)
        adapter.shutdown(client)
        adapter.clear(client)
        another = adapter.new_connection(both[1])
        assert adapter.handshake(client, another, Point.ESTABLISHED) == Handshake(client=True, server=True, failed="")
        adapter.free_connection(server)

    def test_what_cannot_be_read_is_no_hang(self, adapter: Adapter) -> None:
        client, server = connect(adapter, contexts(adapter))
        adapter.shutdown(server)
        with pytest.raises(AdapterBroken, match="client1 could not read what server1 wrote"):
            adapter.exchange(client, server)

    def test_take_none_for_a_session(self, adapter: Adapter) -> None:
        connection = adapter.new_connection(client_context(adapter))
        assert adapter.set_session(connection, None) == Outcome(1, [])
        assert adapter.get_session(connection) is None
        assert adapter.peek_session(connection) is None
        assert "    SSL_set_session(client1, NULL) = 1" in lines(adapter.evidence())


def test_it_says_how_programs_call_its_functions(implementation: Implementation) -> None:
    linking = implementation.identity.linking
    assert linking is not None
    assert (linking.libraries, linking.ahead, linking.symbols) == (("ssl", "crypto"), 0, {})
    assert linking.macros["SSL_CTX_sess_number"] == ("SSL_CTX_ctrl", 20)
    assert not {"SSL_CTX_new", "SSL_CTX_sess_number", "SSL_set_session"} & {*linking.missing}
    assert ("SSL_SESSION_get_ex_new_index" in linking.missing) is ("SSL_library_init" in linking.missing)  # both are macros from 1.1.0 on


def test_a_crash_names_the_call_and_the_next_row_is_as_any_other(adapter: Adapter) -> None:
    context = client_context(adapter)
    adapter.evidence()
    crash: dict[str, Any] = {}
    try:
        adapter.add_session(context, None)
    except LibraryCrashed as error:
        crash = vars(error)
    if not crash:
        pytest.skip("this one is not ended by a null session")
    assert crash == {"call": "SSL_CTX_add_session(ctx1, NULL)", "signal": "SIGSEGV"}
    assert lines(adapter.evidence()) == [f"    SSL_CTX_add_session(ctx1, NULL) = {UNFINISHED}"]
    adapter.begin()
    assert adapter.references(made(adapter)) == 1


def opened(path: Path, driver: str = "sslspec.adapters.native.driver:open_native") -> WorkerClient:
    shown, key = certificate()
    folder = str(path.resolve().parent)
    return WorkerClient(python_worker(folder), {"driver": driver, "path": str(path), "certificate": shown, "key": key}, limit=PATIENCE)


@pytest.mark.usefixtures("doubles")
def test_two_witnesses_that_disagree_are_believed_neither(libssl: Path) -> None:
    client = opened(libssl, "drivers:native_that_miscounts")
    try:
        session = client.ask("new_session", "one", "TLSv1.2", 0, WEEK)
        with pytest.raises(AdapterBroken, match=r"the count of session1 was \d+ before its release, but destroyed is True after it"):
            client.ask("release", session)
    finally:
        client.close()


def test_two_thousand_rows_need_no_more_memory_than_a_few(system_libssl: Path) -> None:
    client = opened(system_libssl)

    def rows(count: int) -> int:
        """Return the worker's resident memory in bytes after `count` rows."""
        for _ in range(count):
            client.ask("begin")
            context = client.ask("new_context", "client", Variant.TLS12_TICKET)
            client.ask("watch_removals", context)
            session = client.ask("new_session", "one", "TLSv1.2", 0, WEEK)
            client.ask("set_session", client.ask("new_connection", context), session)
            client.ask("add_session", context, session)
            client.ask("end")
            client.ask("evidence")
        assert client._process is not None
        pages = Path(f"/proc/{client._process.pid}/statm").read_text(encoding="utf-8").split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE")

    try:
        before = rows(200)
        assert rows(2000) - before < 2 << 20
    finally:
        client.close()


class Recording:
    """A library that has the functions of `names`; each answers 0."""

    family = FAMILIES[-1]

    def __init__(self, *names: str) -> None:
        self._names = names
        self.called: list[str] = []

    def has(self, name: str) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> Callable[..., int]:
        def call(*_: Any) -> int:
            self.called.append(name)
            return 0

        return call


class TestRegistration:
    """CRYPTO_get_ex_new_index takes a number for "session" that differs between families; the symbol for sessions needs none."""

    @pytest.mark.parametrize(
        ("names", "taken"),
        [
            (("CRYPTO_get_ex_new_index", "OpenSSL_version"), "CRYPTO_get_ex_new_index"),
            (("CRYPTO_get_ex_new_index", "OpenSSL_version", "SSL_SESSION_get_ex_new_index"), "SSL_SESSION_get_ex_new_index"),
            (("CRYPTO_get_ex_new_index", "SSL_SESSION_get_ex_new_index"), "SSL_SESSION_get_ex_new_index"),
        ],
        ids=["OpenSSL 1.1.0 and later", "LibreSSL", "OpenSSL 1.0.2"],
    )
    def test_takes_the_symbol_where_there_is_one(self, names: tuple[str, ...], taken: str) -> None:
        library: Any = Recording(*names)
        Sessions(library, lambda: 0, lambda: 0)
        assert library.called[0] == taken

    def test_a_copy_that_has_the_originals_tag_is_not_taken_for_it(self) -> None:
        library: Any = Recording("SSL_SESSION_get_ex_new_index")
        sessions = Sessions(library, lambda: 0, lambda: 0)
        session = sessions.name(0x1000)
        sessions._freed(0x2000, 1, 0, 0, 0, 0)
        assert not sessions.destroyed(session)
        sessions._freed(0x1000, 1, 0, 0, 0, 0)
        assert sessions.destroyed(session)

    @pytest.mark.parametrize(("witnesses", "before", "gone"), [(1, 1, True), (1, 2, False), (1, None, False), (2, 1, False)])
    def test_the_last_count_tells_of_destruction_where_no_callback_does(self, witnesses: int, before: int | None, *, gone: bool) -> None:
        library: Any = Recording(*["SSL_SESSION_get_ex_new_index"][: witnesses - 1])
        sessions = Sessions(library, lambda: 0, lambda: 0)
        session = sessions.name(0x1000)
        sessions.owned[session] += 1
        sessions.was_freed(session, before)
        assert (sessions.still_owned() == []) is gone

    def test_without_either_nothing_is_claimed(self) -> None:
        library: Any = Recording()
        sessions = Sessions(library, lambda: 0, lambda: 0)
        with pytest.raises(NotObservable, match="destruction"):
            sessions.destroyed(Session("session1"))
        with pytest.raises(NotObservable, match="no session can be made by hand"):
            sessions.references(Session("session1"))


def test_a_session_is_as_old_as_it_should_be_however_long_the_worker_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    clock = iter([1000.5, 9000.5, 20000.5])

    def record(_label: str, _version: str, time: int, _timeout: int) -> bytes:
        times.append(time)
        return b""

    monkeypatch.setattr("sslspec.adapters.native.sessions.der_session", record)
    library: Any = Recording()
    sessions = Sessions(library, lambda: next(clock), lambda: 0)
    sessions.make("one", "TLSv1.2", 500, 7200)
    sessions.make("one", "TLSv1.2", 0, 7200)
    assert times == [1000, 8500, 20000]


class TestApi:
    class Library:
        """A CDLL with one symbol."""

        class Function:
            restype: Any = None
            argtypes: Any = None

            def __call__(self, *args: Any) -> Any:
                return args

        def __init__(self, name: str) -> None:
            self._functions = {name: self.Function()}

        def __getattr__(self, name: str) -> Any:
            try:
                return self._functions[name]
            except KeyError:
                raise AttributeError(name) from None

    def test_a_macro_stands_in_for_a_symbol(self) -> None:
        library: Any = self.Library("SSL_CTX_ctrl")
        api = Api(library, FAMILIES[-1], "a double")
        assert api.has("SSL_CTX_sess_number")
        assert api["SSL_CTX_sess_number"](1) == (1, 20, 0, None)
        assert api["SSL_CTX_sess_set_cache_size"](1, 5) == (1, 42, 5, None)

    def test_what_it_lacks_it_says(self) -> None:
        library: Any = self.Library("SSL_CTX_ctrl")
        api = Api(library, FAMILIES[-1], "a double")
        assert not api.has("SSL_session_reused")
        with pytest.raises(NotImplementedThere, match=r"^a double has no SSL_session_reused$"):
            api["SSL_session_reused"]

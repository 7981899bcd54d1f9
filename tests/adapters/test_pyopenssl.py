"""The pyOpenSSL adapter, through a worker as it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cryptography
import OpenSSL
import pytest
from OpenSSL import SSL
from processes import PATIENCE

from sslspec.adapters.certificate import certificate
from sslspec.adapters.errors import AdapterBroken, NotImplementedThere, NotObservable
from sslspec.adapters.interface import Connection, Role, Session, Variant
from sslspec.adapters.pyopenssl import binding
from sslspec.adapters.pyopenssl.driver import open_pyopenssl
from sslspec.adapters.worker.client import WorkerClient, python_worker
from sslspec.evidence import UNFINISHED, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sslspec.adapters.pyopenssl.driver import PyOpenSSLDriver
    from sslspec.evidence import Event

VARIANTS = [variant.value for variant in Variant]
TLS13 = [variant.value for variant in Variant if variant.version == "TLSv1.3"]
WHOLE = "established"
DRIVER = "sslspec.adapters.pyopenssl.driver:open_pyopenssl"


class Pair(NamedTuple):
    """A client's context and a server's."""

    client: str
    server: str


class Driver:
    """A worker, and what most tests need several operations for."""

    def __init__(self, worker: WorkerClient) -> None:
        self.ask: Callable[..., Any] = worker.ask

    def contexts(self, variant: str = Variant.TLS12_ID.value) -> Pair:
        return Pair(self.ask("new_context", "client", variant), self.ask("new_context", "server", variant))

    def ends(self, contexts: Pair) -> Pair:
        return Pair(*(self.ask("new_connection", context) for context in contexts))

    def connect(self, contexts: Pair, session: str | None = None) -> Pair:
        ends = self.ends(contexts)
        if session:
            assert self.ask("set_session", ends.client, session) == [1, []]
        assert self.ask("handshake", *ends, WHOLE) == [True, True, ""]
        return ends

    def session(self, contexts: Pair) -> str:
        """Return a session that can be resumed, whose connection is gone and which only the application holds."""
        ends = self.connect(contexts)
        self.ask("exchange", *ends)
        session: str = self.ask("received_session", ends.client)
        for end in ends:
            self.ask("shutdown", end)
        for end in ends:
            self.ask("free_connection", end)
        return session

    def made(self, label: str = "one", version: str = "TLSv1.2") -> str:
        name: str = self.ask("new_session", label, version, 0, 7200)
        return name

    def row(self, operations: Callable[[Driver], object]) -> list[Event]:
        """Carry out a row of its own, and return its evidence."""
        self.ask("begin")
        self.ask("evidence")
        operations(self)
        self.ask("end")
        events: list[Event] = self.ask("evidence")
        return events


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerClient]:
    shown, key = certificate()
    client = WorkerClient(python_worker(), {"driver": DRIVER, "certificate": shown, "key": key}, limit=PATIENCE)
    yield client
    client.close()


@pytest.fixture
def driver(worker: WorkerClient) -> Iterator[Driver]:
    worker.ask("begin")
    worker.ask("evidence")
    yield Driver(worker)
    worker.ask("end")


def test_describes_the_library_and_both_packages(driver: Driver) -> None:
    described = driver.ask("describe")
    assert described["version"].endswith(f"(pyOpenSSL {OpenSSL.__version__}, cryptography {cryptography.__version__})")
    assert described["family"] == "pyopenssl"
    assert len(described["files"]) == 1
    assert "_rust" in described["files"][0]


class TestHandshakes:
    @pytest.mark.parametrize("variant", VARIANTS)
    def test_a_full_handshake_is_none_of_a_resumption(self, driver: Driver, variant: str) -> None:
        ends = driver.connect(driver.contexts(variant))
        assert [driver.ask("version", end) for end in ends] == [Variant(variant).version] * 2
        assert [driver.ask("reused", end) for end in ends] == [False, False]

    @pytest.mark.parametrize("variant", VARIANTS)
    def test_a_resumption_is_reported_at_both_ends(self, driver: Driver, variant: str) -> None:
        contexts = driver.contexts(variant)
        ends = driver.connect(contexts, driver.session(contexts))
        assert [driver.ask("reused", end) for end in ends] == [True, True]

    @pytest.mark.parametrize("variant", VARIANTS)
    def test_another_server_resumes_nothing(self, driver: Driver, variant: str) -> None:
        contexts = driver.contexts(variant)
        elsewhere = Pair(contexts.client, driver.ask("new_context", "server", variant))
        ends = driver.connect(elsewhere, driver.session(contexts))
        assert [driver.ask("reused", end) for end in ends] == [False, False]

    def test_a_server_that_caches_nothing_resumes_nothing(self, driver: Driver) -> None:
        contexts = driver.contexts()
        driver.ask("set_cache", contexts.server, [])
        ends = driver.connect(contexts, driver.session(contexts))
        assert [driver.ask("reused", end) for end in ends] == [False, False]

    def test_stops_where_it_was_told_and_goes_on_from_there(self, driver: Driver) -> None:
        ends = driver.ends(driver.contexts())
        for until in ("client spoke", "server answered"):
            assert driver.ask("handshake", *ends, until) == [False, False, ""]
        assert driver.ask("handshake", *ends, WHOLE) == [True, True, ""]

    def test_a_server_that_hangs_up_fails_the_client(self, driver: Driver) -> None:
        ends = driver.ends(driver.contexts())
        driver.ask("handshake", *ends, "server answered")
        driver.ask("hang_up", ends.server)
        client, _server, failed = driver.ask("handshake", *ends, WHOLE)
        # What the server had said before is still read; the end of file comes after it.
        assert not client
        assert failed == f"Connection.do_handshake({ends.client}): SysCallError: Unexpected EOF"

    def test_a_server_that_hung_up_before_anything_was_said_fails_the_client(self, driver: Driver) -> None:
        ends = driver.ends(driver.contexts())
        driver.ask("hang_up", ends.server)
        assert driver.ask("handshake", *ends, WHOLE)[2].startswith(f"Connection.do_handshake({ends.client})")

    def test_ends_without_a_common_protocol_fail_with_the_librarys_reason(self, driver: Driver) -> None:
        client, server = driver.contexts(Variant.TLS13_STATELESS.value).client, driver.contexts().server
        failed = driver.ask("handshake", *driver.ends(Pair(client, server)), WHOLE)[2]
        assert failed.endswith("Error: unsupported protocol")

    @pytest.mark.parametrize("variant", TLS13)
    def test_in_tls_1_3_there_is_no_session_before_the_ticket(self, driver: Driver, variant: str) -> None:
        contexts = driver.contexts(variant)
        first = driver.session(contexts)
        ends = driver.connect(contexts, first)
        assert driver.ask("received_session", ends.client) is None
        driver.ask("exchange", *ends)
        assert driver.ask("received_session", ends.client) not in (None, first)


class TestShutdown:
    def test_both_ends_say_goodbye(self, driver: Driver) -> None:
        client, server = driver.connect(driver.contexts())
        assert [driver.ask("shutdown", end) for end in (client, server, client)] == [0, 0, 1]

    def test_during_a_handshake_it_fails(self, driver: Driver) -> None:
        ends = driver.ends(driver.contexts())
        driver.ask("handshake", *ends, "client spoke")
        assert driver.ask("shutdown", ends.client) == -1

    def test_nothing_is_heard_from_an_end_that_hung_up(self, driver: Driver) -> None:
        client, server = driver.connect(driver.contexts())
        driver.ask("hang_up", server)
        driver.ask("shutdown", server)
        assert [driver.ask("shutdown", client) for _ in range(2)] == [0, -1]

    def test_flags_alone_count_as_a_shutdown(self, driver: Driver) -> None:
        client, _server = driver.connect(driver.contexts())
        driver.ask("set_shutdown", client, ["sent", "received"])
        assert driver.ask("shutdown", client) == 1


class TestReferences:
    @pytest.mark.parametrize("variant", VARIANTS)
    def test_set_session_takes_exactly_one_and_the_end_of_the_connection_gives_it_back(self, driver: Driver, variant: str) -> None:
        contexts = driver.contexts(variant)
        session = driver.session(contexts)
        before = driver.ask("references", session)
        client = driver.ask("new_connection", contexts.client)
        driver.ask("set_session", client, session)
        assert driver.ask("references", session) == before + 1
        driver.ask("free_connection", client)
        assert driver.ask("references", session) == before

    def test_one_that_only_the_application_holds_has_one(self, driver: Driver) -> None:
        assert driver.ask("references", driver.session(driver.contexts())) == 1

    def test_every_get_session_takes_one_and_every_release_gives_one_back(self, driver: Driver) -> None:
        client, _server = driver.connect(driver.contexts())
        session = driver.ask("get_session", client)
        assert driver.ask("get_session", client) == session
        counts = [driver.ask("references", session)]
        for _ in range(2):
            driver.ask("release", session)
            counts.append(driver.ask("references", session))
        assert counts == [3, 2, 1]

    def test_peek_session_takes_none(self, driver: Driver) -> None:
        client, _server = driver.connect(driver.contexts())
        session = driver.ask("peek_session", client)
        assert driver.ask("peek_session", client) == session
        assert driver.ask("references", session) == 1

    def test_the_clients_own_cache_holds_one(self, driver: Driver) -> None:
        contexts = driver.contexts()
        driver.ask("set_cache", contexts.client, ["client"])
        assert driver.ask("references", driver.session(contexts)) == 2

    def test_freeing_a_context_gives_its_caches_reference_back_at_once(self, driver: Driver) -> None:
        contexts = driver.contexts()
        driver.ask("set_cache", contexts.client, ["client"])
        session = driver.session(contexts)
        driver.ask("free_context", contexts.client)
        assert driver.ask("references", session) == 1

    def test_what_nobody_known_holds_is_not_looked_into(self, driver: Driver) -> None:
        session = driver.made()
        driver.ask("release", session)
        with pytest.raises(NotObservable) as caught:
            driver.ask("references", session)
        assert caught.value.capability == "reference-count"

    def test_what_nobody_known_holds_is_not_handed_to_the_library(self, driver: Driver) -> None:
        client, _server = driver.ends(driver.contexts())
        session = driver.made()
        driver.ask("release", session)
        with pytest.raises(NotObservable) as caught:
            driver.ask("set_session", client, session)
        assert caught.value.capability == "destruction"

    def test_a_reference_that_is_not_there_cannot_be_given_back(self, driver: Driver) -> None:
        session = driver.made()
        driver.ask("release", session)
        with pytest.raises(AdapterBroken, match="no reference to session1"):
            driver.ask("release", session)


class TestSettingASession:
    def test_none_drops_the_one_that_was_there(self, driver: Driver) -> None:
        client, _server = driver.ends(driver.contexts())
        session = driver.made()
        driver.ask("set_session", client, session)
        assert driver.ask("set_session", client, None) == [1, []]
        assert driver.ask("peek_session", client) is None
        assert driver.ask("references", session) == 1

    def test_the_evidence_tells_the_public_api_from_the_binding(self, driver: Driver) -> None:
        contexts = driver.contexts()
        session = driver.session(contexts)
        stranger = driver.ask("new_context", "client", Variant.TLS12_ID.value)
        ours, theirs = (driver.ask("new_connection", context) for context in (contexts.client, stranger))
        made = driver.made()
        driver.ask("evidence")
        for connection, what in ((ours, session), (theirs, session), (ours, made), (ours, None)):
            driver.ask("set_session", connection, what)
        assert [str(event) for event in driver.ask("evidence")] == [
            f"Connection.set_session({ours}, {session})",
            f"lib.SSL_set_session({theirs}, {session}) = 1",
            f"lib.SSL_set_session({ours}, {made}) = 1",
            f"lib.SSL_set_session({ours}, NULL) = 1",
        ]

    def test_a_reference_got_from_the_connection_makes_a_made_session_public(self, driver: Driver) -> None:
        client, _server = driver.ends(driver.contexts())
        session = driver.made()
        driver.ask("set_session", client, session)
        assert driver.ask("get_session", client) == session
        driver.ask("evidence")
        driver.ask("set_session", client, session)
        assert [event.name for event in driver.ask("evidence")] == ["Connection.set_session"]


class TestNames:
    def test_sessions_made_one_after_the_other_are_different(self, driver: Driver) -> None:
        first = driver.made("same")
        driver.ask("release", first)
        assert driver.made("same") != first

    def test_one_made_after_another_left_a_server_is_different(self, driver: Driver) -> None:
        server = driver.ask("new_connection", driver.contexts().server)
        first = driver.made("same")
        driver.ask("set_session", server, first)
        driver.ask("peek_session", server)
        driver.ask("release", first)
        driver.ask("set_session", server, None)
        assert driver.made("same") != first

    def test_one_that_a_connection_holds_keeps_its_name(self, driver: Driver) -> None:
        client, _server = driver.ends(driver.contexts())
        session = driver.made()
        driver.ask("set_session", client, session)
        driver.ask("release", session)
        assert driver.ask("peek_session", client) == session

    def test_one_that_comes_out_of_the_servers_cache_keeps_its_name(self, driver: Driver) -> None:
        contexts = driver.contexts()
        ends = driver.connect(contexts)
        session, cached = driver.ask("get_session", ends.client), driver.ask("peek_session", ends.server)
        for end in ends:
            driver.ask("shutdown", end)
        for end in ends:
            driver.ask("free_connection", end)
        again = driver.connect(contexts, session)
        assert driver.ask("peek_session", again.server) == cached

    def test_one_that_comes_out_of_a_ticket_has_another(self, driver: Driver) -> None:
        contexts = driver.contexts(Variant.TLS12_TICKET.value)
        ends = driver.connect(contexts)
        driver.ask("exchange", *ends)
        session, first = driver.ask("get_session", ends.client), driver.ask("peek_session", ends.server)
        for end in ends:
            driver.ask("shutdown", end)
        for end in ends:
            driver.ask("free_connection", end)
        again = driver.connect(contexts, session)
        assert driver.ask("peek_session", again.server) != first


class TestMadeByHand:
    @pytest.mark.parametrize("label", ["", "a", "ü\n\0%s", "x" * 1000])
    def test_any_label_makes_one(self, driver: Driver, label: str) -> None:
        assert driver.ask("references", driver.made(label)) == 1

    @pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
    def test_it_can_be_set_and_is_not_resumed(self, driver: Driver, version: str) -> None:
        variant = next(variant for variant in Variant if variant.version == version)
        ends = driver.connect(driver.contexts(variant.value), driver.made(version=version))
        assert [driver.ask("reused", end) for end in ends] == [False, False]

    def test_one_that_the_library_refuses_is_not_observable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        driver = open_pyopenssl(*certificate())
        monkeypatch.setattr(binding, "session_from", lambda _der: binding.NULL)
        with pytest.raises(NotObservable, match=r"refuses one of TLSv1\.2: no reason") as caught:
            driver.new_session("one", "TLSv1.2", 0, 7200)
        assert caught.value.capability == "hand-made-sessions"


class TestARefusal:
    """No session was found that this OpenSSL does not take: pyOpenSSL is made to say no."""

    @pytest.fixture
    def refused(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[tuple[str, str, str]]], PyOpenSSLDriver]]:
        driver = open_pyopenssl(*certificate())

        def refuse(stack: list[tuple[str, str, str]]) -> PyOpenSSLDriver:
            def set_session(_connection: object, _session: object) -> None:
                raise SSL.Error(stack)

            client = driver.new_connection(driver.new_context(Role.CLIENT, Variant.TLS12_ID))
            driver.set_session(client, driver.new_session("one", "TLSv1.2", 0, 7200))
            driver.get_session(client)
            monkeypatch.setattr(SSL.Connection, "set_session", set_session)
            driver.evidence()
            return driver

        yield refuse
        driver.end()

    def test_is_a_0_with_the_librarys_reasons(self, refused: Callable[..., PyOpenSSLDriver]) -> None:
        driver = refused([("SSL routines", "", "first"), ("SSL routines", "", "second")])
        assert driver.set_session(Connection("client1"), Session("session1")) == (0, ["first", "second"])
        assert [str(event) for event in driver.evidence()] == ["Connection.set_session(client1, session1) = raises Error: first; second"]

    def test_without_a_reason_has_an_empty_stack(self, refused: Callable[..., PyOpenSSLDriver]) -> None:
        driver = refused([])
        assert driver.set_session(Connection("client1"), Session("session1")) == (0, [])
        assert [str(event) for event in driver.evidence()] == ["Connection.set_session(client1, session1) = raises Error"]


class TestWhatIsMissing:
    @pytest.mark.parametrize("operation", ["add_session", "remove_session"])
    def test_the_functions_of_the_cache(self, driver: Driver, operation: str) -> None:
        with pytest.raises(NotImplementedThere) as caught:
            driver.ask(operation, driver.contexts().client, driver.made())
        assert (caught.value.function, caught.value.where) == (f"SSL_CTX_{operation}", "pyOpenSSL's binding")

    @pytest.mark.parametrize(("operation", "function"), [("clear", "SSL_clear"), ("set_quiet_shutdown", "SSL_set_quiet_shutdown")])
    def test_the_functions_of_a_connection(self, driver: Driver, operation: str, function: str) -> None:
        with pytest.raises(NotImplementedThere) as caught:
            driver.ask(operation, driver.ends(driver.contexts()).client)
        assert (caught.value.function, caught.value.where) == (function, "pyOpenSSL's binding")

    @pytest.mark.parametrize(
        ("operation", "arguments", "capability"),
        [
            ("entries", (), "entries"),
            ("set_cache_size", (5,), "cache-size"),
            ("watch_removals", (), "removal-callback"),
            ("removals", (), "removal-callback"),
            ("reacted", (), "removal-callback"),
        ],
    )
    def test_the_observations_of_a_context(self, driver: Driver, operation: str, arguments: tuple[int, ...], capability: str) -> None:
        with pytest.raises(NotObservable) as caught:
            driver.ask(operation, driver.contexts().client, *arguments)
        assert caught.value.capability == capability

    @pytest.mark.parametrize(("operation", "capability"), [("destroyed", "destruction"), ("resumable", "marked")])
    def test_the_observations_of_a_session(self, driver: Driver, operation: str, capability: str) -> None:
        with pytest.raises(NotObservable) as caught:
            driver.ask(operation, driver.made())
        assert caught.value.capability == capability


class TestEvidence:
    @pytest.mark.parametrize("variant", VARIANTS)
    def test_is_the_same_in_two_runs(self, driver: Driver, variant: str) -> None:
        def operations(driver: Driver) -> None:
            contexts = driver.contexts(variant)
            ends = driver.connect(contexts, driver.session(contexts))
            driver.ask("exchange", *ends)
            driver.ask("references", driver.ask("received_session", ends.client))
            driver.ask("peek_session", ends.server)
            driver.ask("hang_up", ends.server)

        first, second = driver.row(operations), driver.row(operations)
        assert lines(first) == lines(second)
        assert not [event for event in first if event.result == UNFINISHED]

    def test_names_a_change_that_the_public_api_refuses_after_the_binding(self, driver: Driver) -> None:
        contexts = driver.contexts()
        driver.ask("evidence")
        driver.ask("set_cache", contexts.client, ["client", "no-internal-store"])
        driver.ends(contexts)
        driver.ask("set_cache", contexts.client, [])
        said = [str(event) for event in driver.ask("evidence")]
        assert said[0] == f"Context.set_session_cache_mode({contexts.client}, client|no-internal-store)"
        assert said[-1] == f"lib.SSL_CTX_set_session_cache_mode({contexts.client}, none)"

    def test_the_end_of_a_row_frees_connections_then_sessions_then_contexts(self, driver: Driver) -> None:
        def operations(driver: Driver) -> None:
            driver.session(driver.contexts())
            driver.ends(Pair("ctx1", "ctx2"))
            driver.ask("evidence")

        assert [str(event) for event in driver.row(operations)] == [
            "lib.SSL_free(client2)",
            "lib.SSL_free(server2)",
            "lib.SSL_SESSION_free(session1)",
            "lib.SSL_CTX_free(ctx1)",
            "lib.SSL_CTX_free(ctx2)",
        ]

    def test_a_broken_certificate_is_the_suites_own_fault(self) -> None:
        shown, key = certificate()
        broken = WorkerClient(python_worker(), {"driver": DRIVER, "certificate": shown[:-1], "key": key}, limit=PATIENCE)
        with pytest.raises(AdapterBroken):
            broken.ask("describe")
        broken.close()

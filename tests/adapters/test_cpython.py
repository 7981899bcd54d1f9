"""The CPython adapter, through a worker as it is used."""

from __future__ import annotations

import platform
import ssl
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from processes import PATIENCE

from sslspec.adapters.certificate import certificate
from sslspec.adapters.checking import check
from sslspec.adapters.cpython.driver import open_cpython, reason_of, said
from sslspec.adapters.errors import AdapterBroken, NotImplementedThere, NotObservable
from sslspec.adapters.interface import CacheMode, Role, Variant
from sslspec.adapters.resolve import foreign
from sslspec.adapters.worker.client import WorkerClient
from sslspec.evidence import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sslspec.evidence import Event

VARIANTS = [variant.value for variant in Variant]
TLS13 = [variant.value for variant in Variant if variant.version == "TLSv1.3"]
SOMETHING: dict[str, tuple[object, ...]] = {
    "add_session": ("ctx1", "session1"),
    "remove_session": ("ctx1", "session1"),
    "flush": ("ctx1",),
    "set_shutdown": ("client1", ["sent"]),
    "set_quiet_shutdown": ("client1",),
    "clear": ("client1",),
}
UNSEEN: dict[str, tuple[object, ...]] = {
    "set_cache_size": ("ctx1", 3),
    "watch_removals": ("ctx1", "nothing"),
    "removals": ("ctx1",),
    "reacted": ("ctx1",),
    "new_session": ("one", "TLSv1.2", 0, 7200),
    "references": ("session1",),
    "destroyed": ("session1",),
    "resumable": ("session1",),
}


class Pair(NamedTuple):
    """A client's context or connection, and a server's."""

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
            assert self.ask("set_session", ends.client, session) == [1, None]
        assert self.ask("handshake", *ends, "established") == [True, True, ""]
        return ends

    def session(self, contexts: Pair) -> str:
        """Return a session that can be resumed, whose connection was shut down and is gone."""
        ends = self.connect(contexts)
        self.ask("exchange", *ends)
        session: str = self.ask("received_session", ends.client)
        assert [self.ask("shutdown", end) for end in ends] == [-1, 1]
        for end in ends:
            self.ask("free_connection", end)
        return session


@pytest.fixture(scope="module")
def worker() -> Iterator[WorkerClient]:
    client = WorkerClient(*foreign(["cpython"]), limit=PATIENCE)
    yield client
    client.close()


@pytest.fixture
def driver(worker: WorkerClient) -> Iterator[Driver]:
    worker.ask("begin")
    worker.ask("evidence")
    yield Driver(worker)
    worker.ask("end")


def test_it_speaks_the_protocol() -> None:
    wrong = [finding for finding in check(*foreign(["cpython"])) if finding.wrong and finding.seen]
    assert not wrong


def test_it_says_which_python_and_which_library_it_is(driver: Driver) -> None:
    described = driver.ask("describe")
    assert described["version"] == f"{ssl.OPENSSL_VERSION} ({platform.python_implementation()} {platform.python_version()})"
    assert described["family"] == platform.python_implementation().lower()
    assert platform.python_version().startswith(described["release"])
    assert any("_ssl" in file or "libssl" in file for file in described["files"])


class TestHandshakes:
    @pytest.mark.parametrize("variant", VARIANTS)
    def test_a_full_one_is_no_resumption(self, driver: Driver, variant: str) -> None:
        ends = driver.connect(driver.contexts(variant))
        assert [driver.ask("version", end) for end in ends] == [Variant(variant).version] * 2
        assert [driver.ask("reused", end) for end in ends] == [False, False]

    @pytest.mark.parametrize("variant", VARIANTS)
    def test_a_resumption_is_reported_at_both_ends(self, driver: Driver, variant: str) -> None:
        contexts = driver.contexts(variant)
        ends = driver.connect(contexts, driver.session(contexts))
        assert [driver.ask("reused", end) for end in ends] == [True, True]

    @pytest.mark.parametrize("variant", [Variant.TLS12_ID.value, Variant.TLS13_STATEFUL.value])
    def test_a_server_that_has_forgotten_its_sessions_resumes_none(self, driver: Driver, variant: str) -> None:
        contexts = driver.contexts(variant)
        session = driver.session(contexts)
        ends = driver.connect(Pair(contexts.client, driver.ask("stranger", contexts.server)), session)
        assert [driver.ask("reused", end) for end in ends] == [False, False]

    def test_one_goes_no_further_than_it_is_told(self, driver: Driver) -> None:
        ends = driver.ends(driver.contexts())
        assert driver.ask("handshake", *ends, "client spoke") == [False, False, ""]
        assert driver.ask("handshake", *ends, "server answered") == [False, False, ""]
        assert driver.ask("handshake", *ends, "established") == [True, True, ""]

    def test_one_that_fails_says_why(self, driver: Driver) -> None:
        ends = driver.ends(driver.contexts())
        driver.ask("handshake", *ends, "client spoke")
        driver.ask("hang_up", ends.server)
        done = driver.ask("handshake", *ends, "client spoke")
        assert done[:2] == [False, False]
        assert done[2].startswith("SSLObject.do_handshake(client1): SSLEOFError: ")

    def test_an_end_may_hang_up_before_it_is_joined(self, driver: Driver) -> None:
        ends = driver.ends(driver.contexts())
        driver.ask("hang_up", ends.server)
        assert "SSLEOFError" in driver.ask("handshake", *ends, "established")[2]

    def test_there_is_no_exchange_before_one(self, driver: Driver) -> None:
        ends = driver.ends(driver.contexts())
        with pytest.raises(AdapterBroken, match="client1 could not read what server1 wrote"):
            driver.ask("exchange", *ends)


class TestSessions:
    @pytest.mark.parametrize("variant", TLS13)
    def test_of_tls_1_3_come_with_what_follows_the_handshake(self, driver: Driver, variant: str) -> None:
        ends = driver.connect(driver.contexts(variant))
        before = driver.ask("peek_session", ends.client)
        assert driver.ask("received_session", ends.client) is None
        driver.ask("exchange", *ends)
        assert driver.ask("received_session", ends.client) not in {None, before}

    @pytest.mark.parametrize("variant", TLS13)
    def test_of_tls_1_3_that_were_resumed_are_none_that_was_received(self, driver: Driver, variant: str) -> None:
        contexts = driver.contexts(variant)
        ends = driver.connect(contexts, driver.session(contexts))
        assert driver.ask("received_session", ends.client) is None

    def test_keep_their_names_and_the_ends_have_one_each(self, driver: Driver) -> None:
        contexts = driver.contexts()
        ends = driver.connect(contexts)
        assert driver.ask("peek_session", ends.client) == driver.ask("get_session", ends.client) == "session1"
        assert driver.ask("peek_session", ends.server) == "session2"
        again = driver.connect(contexts, "session1")
        assert driver.ask("peek_session", again.client) == "session1"

    def test_are_none_before_a_handshake(self, driver: Driver) -> None:
        ends = driver.ends(driver.contexts())
        assert driver.ask("peek_session", ends.client) is None
        assert driver.ask("version", ends.client) == ""

    def test_are_given_back_once_for_each_time_they_were_taken(self, driver: Driver) -> None:
        ends = driver.connect(driver.contexts())
        for _ in range(2):
            driver.ask("get_session", ends.client)
        for _ in range(2):
            driver.ask("release", "session1")
        with pytest.raises(AdapterBroken, match="no reference to session1"):
            driver.ask("release", "session1")
        with pytest.raises(AdapterBroken, match="no reference to session1"):
            driver.ask("set_session", ends.client, "session1")

    def test_go_to_no_connection_that_ssl_does_not_allow(self, driver: Driver) -> None:
        contexts = driver.contexts()
        session = driver.session(contexts)
        ends, others = driver.ends(contexts), driver.ends(driver.contexts())
        done = driver.connect(contexts)
        forbidden = {
            (ends.server, driver.ask("get_session", done.server)): "Cannot set session for server-side SSLSocket.",
            (others.client, session): "Session refers to a different SSLContext.",
            (done.client, session): "Cannot set session after handshake.",
            (ends.client, None): "Value is not a SSLSession.",
        }
        for asked, words in forbidden.items():
            with pytest.raises(NotImplementedThere) as caught:
                driver.ask("set_session", *asked)
            assert str(caught.value) == f"CPython's ssl has no SSL_set_session for this: {words}"


class TestCaches:
    def test_the_entries_of_a_server_are_counted(self, driver: Driver) -> None:
        contexts = driver.contexts()
        for number in range(3):
            assert [driver.ask("entries", context) for context in contexts] == [0, number]
            driver.connect(contexts)

    @pytest.mark.parametrize(
        ("role", "flags"),
        [
            (Role.SERVER, [CacheMode.SERVER]),
            (Role.CLIENT, []),
            (Role.CLIENT, [CacheMode.SERVER]),
            (Role.CLIENT, [CacheMode.CLIENT, CacheMode.NO_INTERNAL_STORE]),
        ],
    )
    def test_are_as_they_are(self, driver: Driver, role: Role, flags: list[CacheMode]) -> None:
        context = driver.ask("new_context", role, Variant.TLS12_ID)
        assert driver.ask("set_cache", context, flags) is None

    @pytest.mark.parametrize(
        ("role", "flags"),
        [(Role.SERVER, []), (Role.SERVER, [CacheMode.SERVER, CacheMode.NO_INTERNAL_LOOKUP]), (Role.CLIENT, [CacheMode.CLIENT])],
    )
    def test_cannot_be_made_otherwise(self, driver: Driver, role: Role, flags: list[CacheMode]) -> None:
        context = driver.ask("new_context", role, Variant.TLS12_ID)
        with pytest.raises(NotImplementedThere, match="SSL_CTX_set_session_cache_mode"):
            driver.ask("set_cache", context, flags)


@pytest.mark.parametrize("operation", SOMETHING)
def test_what_ssl_has_no_function_for_is_not_implemented(driver: Driver, operation: str) -> None:
    with pytest.raises(NotImplementedThere, match="CPython's ssl has no SSL_"):
        driver.ask(operation, *SOMETHING[operation])


@pytest.mark.parametrize("operation", UNSEEN)
def test_what_ssl_does_not_show_is_not_observable(driver: Driver, operation: str) -> None:
    with pytest.raises(NotObservable, match="CPython's ssl"):
        driver.ask(operation, *UNSEEN[operation])


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_row_leaves_the_same_evidence(worker: WorkerClient, variant: str) -> None:
    def row() -> list[Event]:
        worker.ask("begin")
        worker.ask("evidence")
        driver = Driver(worker)
        contexts = driver.contexts(variant)
        driver.connect(contexts, driver.session(contexts))
        worker.ask("end")
        events: list[Event] = worker.ask("evidence")
        return events

    first, second = lines(row()), lines(row())
    assert first == second
    assert "    SSLObject.session=(client2, session1)" in first
    assert f"    SSLContext.minimum_version=(ctx1, {Variant(variant).version.replace('.', '_')})" in first
    assert [line for line in first if "del(" in line][-1] == "    del(ctx2)"


def test_a_row_leaves_nothing_behind() -> None:
    driver = open_cpython(*certificate())
    driver.begin()
    connection = driver.new_connection(driver.new_context(Role.CLIENT, Variant.TLS12_ID))
    driver.end()
    with pytest.raises(KeyError):
        driver.version(connection)


def test_an_error_says_its_reason_and_not_where_in_the_source_it_was_raised() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    incoming = ssl.MemoryBIO()
    incoming.write(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(ssl.SSLError) as caught:
        context.wrap_bio(incoming, ssl.MemoryBIO(), server_side=True).do_handshake()
    assert reason_of(caught.value) == "HTTP_REQUEST"
    assert said(caught.value) == "SSLError: HTTP_REQUEST"

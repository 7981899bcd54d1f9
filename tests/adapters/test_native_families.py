"""The native adapter on libraries of the other families: what each can show, and what the adapter does differently for it.

They are built or brought in by `sslspec provision`; the tests of those that are not here say so.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from sslspec.adapters.catalogue import catalogue, libraries
from sslspec.adapters.errors import NotObservable
from sslspec.adapters.implementation import adapter_over
from sslspec.adapters.interface import Adapter, CacheMode, Connection, Context, Point, Role, Session, Variant
from sslspec.adapters.resolve import open_native
from sslspec.evidence import lines

from .conftest import library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sslspec.adapters.implementation import Implementation

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="native libraries are driven on Linux")

NO_TLS13 = {Variant.TLS13_STATELESS.value, Variant.TLS13_STATEFUL.value}

#: What a library cannot show, by its name in the catalogue; everything else it must.
WITHDRAWN = {
    "libressl-2.0.0": {"marked", *NO_TLS13},
    "libressl-3.0.2": {"marked", *NO_TLS13},
    "libressl-3.1.0": {"marked", *NO_TLS13},
    "boringssl-2021": {"marked", Variant.TLS13_STATEFUL.value},
    "tongsuo-8.5.0": set[str](),
    "wolfssl-5.9.4": {"destruction", "entries", "removal-callback", "cache-size", "own-cache"},
    "wolfssl-debian": {"destruction", "entries", "marked", "cache-size", "own-cache", Variant.TLS13_STATEFUL.value},
}
#: BoringSSL and AWS-LC send no session in TLS 1.3 without tickets.
BORING = {Variant.TLS13_STATEFUL.value}
OTHERS = [entry.name for entry in libraries().values() if entry.family != "openssl"]
WOLFSSL = [name for name in OTHERS if name.startswith("wolfssl")]


@pytest.fixture(scope="module")
def implementation(request: pytest.FixtureRequest) -> Iterator[Implementation]:
    opened = open_native(request.param, library(request.param))
    yield opened
    opened.close()


@pytest.fixture
def adapter(implementation: Implementation) -> Iterator[Adapter]:
    adapter = adapter_over(implementation.ask)
    adapter.begin()
    adapter.evidence()
    yield adapter
    adapter.end()


every = pytest.mark.parametrize("implementation", OTHERS, indirect=True)
wolfssl = pytest.mark.parametrize("implementation", WOLFSSL, indirect=True)


def joined(adapter: Adapter, contexts: tuple[Context, Context]) -> tuple[Connection, Connection]:
    client, server = (adapter.new_connection(context) for context in contexts)
    done = adapter.handshake(client, server, Point.ESTABLISHED)
    assert (done.client, done.server, done.failed) == (True, True, "")
    return client, server


def contexts_of(adapter: Adapter, variant: Variant) -> tuple[Context, Context]:
    contexts = adapter.new_context(Role.CLIENT, variant), adapter.new_context(Role.SERVER, variant)
    adapter.set_cache(contexts[0], [CacheMode.CLIENT])
    return contexts


@every
class TestEveryFamily:
    def test_is_what_the_catalogue_says(self, implementation: Implementation) -> None:
        entry = catalogue()[implementation.name]
        assert implementation.identity.family == entry.family

    def test_shows_what_it_claims(self, implementation: Implementation) -> None:
        withdrawn = {proof.capability: proof.reason for proof in implementation.identity.proofs if not proof.proven}
        assert set(withdrawn) == WITHDRAWN.get(implementation.name, BORING), withdrawn

    def test_counts_references_exactly(self, adapter: Adapter) -> None:
        session = adapter.new_session("one", "TLSv1.2", 0, 7200)
        assert adapter.references(session) == 1
        client, _ = joined(adapter, contexts_of(adapter, Variant.TLS12_TICKET))
        taken = adapter.get_session(client)
        assert taken is not None
        counts = [adapter.references(taken)]
        adapter.get_session(client)
        counts.append(adapter.references(taken))
        adapter.release(taken)
        counts.append(adapter.references(taken))
        assert counts == [counts[0], counts[0] + 1, counts[0]]

    def test_resumes_and_says_so_at_both_ends(self, adapter: Adapter, implementation: Implementation) -> None:
        withdrawn = {proof.capability for proof in implementation.identity.proofs if not proof.proven}
        for variant in Variant:
            if variant.value in withdrawn:
                continue
            contexts = contexts_of(adapter, variant)
            client, server = joined(adapter, contexts)
            adapter.exchange(client, server)
            session = adapter.received_session(client)
            adapter.shutdown(client)
            adapter.shutdown(server)
            again = adapter.new_connection(contexts[0]), adapter.new_connection(contexts[1])
            adapter.set_session(again[0], session)
            adapter.handshake(*again, Point.ESTABLISHED)
            assert [adapter.reused(end) for end in again] == [True, True]

    def test_reads_the_end_of_a_transport(self, adapter: Adapter) -> None:
        contexts = contexts_of(adapter, Variant.TLS12_TICKET)
        client, server = (adapter.new_connection(context) for context in contexts)
        adapter.handshake(client, server, Point.CLIENT_SPOKE)
        adapter.hang_up(server)
        failed = adapter.handshake(client, server, Point.ESTABLISHED).failed
        assert failed.startswith("SSL_connect(client1): ")

    def test_two_runs_give_the_same_evidence(self, adapter: Adapter) -> None:
        seen = []
        for _ in range(2):
            adapter.end()
            adapter.begin()
            adapter.evidence()
            joined(adapter, contexts_of(adapter, Variant.TLS12_TICKET))
            adapter.new_session("one", "TLSv1.2", 0, 7200)
            seen.append(lines(adapter.evidence()))
        assert seen[0] == seen[1]


@wolfssl
class TestWolfSsl:
    def test_speaks_over_sockets(self, adapter: Adapter) -> None:
        joined(adapter, contexts_of(adapter, Variant.TLS12_TICKET))
        said = lines(adapter.evidence())
        assert any("SSL_set_fd(client1, socket of client1) = 1" in line for line in said)
        assert not any("BIO" in line for line in said)

    def test_its_sessions_come_from_handshakes_of_their_own(self, adapter: Adapter) -> None:
        session = adapter.new_session("one", "TLSv1.3", 0, 7200)
        said = "\n".join(lines(adapter.evidence()))
        assert "SSL_connect(client1) = 1" in said
        assert "d2i_SSL_SESSION" not in said
        assert adapter.references(session) == 1

    def test_no_handshake_gives_one_of_a_version_that_does_not_exist(self, adapter: Adapter) -> None:
        with pytest.raises(NotObservable, match="no handshake gives one of unheard of"):
            adapter.new_session("one", "unheard of", 0, 7200)

    def test_the_count_is_the_only_witness_and_the_evidence_says_so(self, adapter: Adapter) -> None:
        session = adapter.new_session("one", "TLSv1.2", 0, 7200)
        adapter.references(session)
        assert lines(adapter.evidence())[-1].strip() == "references, by one witness(session1): 1"
        with pytest.raises(NotObservable, match="takes a session's ex_data over"):
            adapter.destroyed(session)

    def test_a_count_that_nothing_keeps_valid_is_not_read(self, adapter: Adapter) -> None:
        session: Session = adapter.new_session("one", "TLSv1.2", 0, 7200)
        adapter.release(session)
        with pytest.raises(NotObservable):
            adapter.references(session)

    def test_no_context_stands_for_a_server_that_forgot(self, adapter: Adapter) -> None:
        with pytest.raises(NotObservable, match="share one cache"):
            adapter.stranger(adapter.new_context(Role.SERVER, Variant.TLS12_ID))


@every
def test_it_says_how_programs_call_its_functions(implementation: Implementation) -> None:
    linking, family = implementation.identity.linking, implementation.identity.family
    assert linking is not None
    assert linking.ahead == (8 if family in ("boringssl", "aws-lc") else 0)
    assert linking.libraries == (("wolfssl",) if family == "wolfssl" else ("ssl", "crypto"))
    assert linking.symbols.get("SSL_new") == ("wolfSSL_new" if family == "wolfssl" else None)
    assert ("SSL_CTX_sess_number" in linking.macros) is (family in ("libressl", "tongsuo"))

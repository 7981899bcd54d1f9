"""An implementation keeps what it has not proven from the scenarios."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from sslspec.adapters.errors import AdapterBroken, LibraryNotLoaded, NotObservable, ProtocolNotSpoken
from sslspec.adapters.implementation import Implementation, adapter_over, ask_directly, identify
from sslspec.adapters.interface import (
    CAPABILITIES,
    OPERATIONS,
    CacheMode,
    Connection,
    Context,
    Handshake,
    Outcome,
    Point,
    Reaction,
    Role,
    Variant,
)
from sslspec.adapters.model import Model
from sslspec.evidence import Value
from sslspec.record import Linking

if TYPE_CHECKING:
    from pathlib import Path

    from sslspec.adapters.interface import Session

EDITION = "openssl-1.1.1"


def identified(adapter: Model) -> Implementation:
    return identify("double", ask_directly(adapter))


class SpeaksTls12Only(Model):
    def version(self, connection: Connection) -> str:
        super().version(connection)
        return "TLSv1.2"


class ChangesItsMind(Model):
    """Speaks what it is asked for until `fickle`."""

    fickle = False

    def version(self, connection: Connection) -> str:
        return "SSLv3" if self.fickle else super().version(connection)


class Blind(Model):
    """Can observe nothing."""

    def references(self, session: Session) -> int:
        raise NotObservable("reference-count", f"it cannot count {session}")

    def destroyed(self, session: Session) -> bool:
        raise NotObservable("destruction", f"it cannot see {session} go")

    def entries(self, context: Context) -> int:
        raise NotObservable("entries", f"it cannot look into {context}")

    def resumable(self, session: Session) -> bool:
        raise NotObservable("marked", f"it cannot look at {session}")

    def new_session(self, label: str, version: str, age: int, timeout: int) -> Session:
        raise NotObservable("hand-made-sessions", f"it makes none: {label} {version} {age} {timeout}")

    def watch_removals(self, context: Context, reaction: Reaction = Reaction.NOTHING) -> None:
        raise NotObservable("removal-callback", f"{context} does not call back with {reaction}")

    def set_cache_size(self, context: Context, entries: int) -> None:
        raise NotObservable("cache-size", f"{context} has no limit of {entries}")


class TestIdentity:
    def test_says_what_it_is_and_what_it_has_shown(self) -> None:
        implementation = identified(Model(EDITION))
        assert implementation.name == "double"
        assert (implementation.identity.family, implementation.identity.version) == ("model", f"model of {EDITION}")
        assert [proof.capability for proof in implementation.identity.proofs] == list(CAPABILITIES)

    def test_has_the_hashes_of_its_files(self, tmp_path: Path) -> None:
        file = tmp_path / "libssl.so"
        file.write_bytes(b"library")

        class OfAFile(Model):
            def describe(self) -> dict[str, Value]:
                return {**super().describe(), "files": [str(file)]}

        (found,) = identified(OfAFile(EDITION)).identity.files
        assert (found.path, found.sha256) == (str(file), hashlib.sha256(b"library").hexdigest())

    def test_says_how_programs_call_it_where_they_can(self) -> None:
        class Linked(Model):
            def describe(self) -> dict[str, Value]:
                said: dict[str, Value] = {"libraries": ["ssl"], "symbols": {}, "macros": {"SSL_x": ["SSL_ctrl", 8]}, "missing": ["SSL_y"]}
                return {**super().describe(), "linking": {**said, "constants": {"SSL_OP": 4}, "ahead": 8}}

        assert identified(Model(EDITION)).identity.linking is None
        found = identified(Linked(EDITION)).identity.linking
        assert found == Linking(("ssl",), {}, {"SSL_x": ("SSL_ctrl", 8)}, ("SSL_y",), {"SSL_OP": 4}, 8)

    def test_leaves_no_evidence(self) -> None:
        assert identified(Model(EDITION)).ask("evidence") == []

    def test_what_cannot_be_opened_is_closed(self) -> None:
        closed = []

        def ask(operation: str, *_: Any) -> Any:
            raise LibraryNotLoaded(f"no {operation}")

        with pytest.raises(LibraryNotLoaded):
            identify("double", ask, lambda: closed.append(True))
        assert closed == [True]

    def test_what_was_interrupted_is_closed(self) -> None:
        closed = []

        class Interrupted(Model):
            def references(self, session: Session) -> int:
                raise KeyboardInterrupt(session)

        with pytest.raises(KeyboardInterrupt):
            identify("double", ask_directly(Interrupted(EDITION)), lambda: closed.append(True))
        assert closed == [True]


class TestGuards:
    @pytest.mark.parametrize(
        ("operation", "args", "capability"),
        [
            ("references", ("session1",), "reference-count"),
            ("destroyed", ("session1",), "destruction"),
            ("entries", ("ctx1",), "entries"),
            ("resumable", ("session1",), "marked"),
            ("new_session", ("one", "TLSv1.2", 0, 7200), "hand-made-sessions"),
            ("watch_removals", ("ctx1",), "removal-callback"),
            ("watch_removals", ("ctx1", Reaction.COUNT), "removal-callback"),
            ("removals", ("ctx1",), "removal-callback"),
            ("reacted", ("ctx1",), "removal-callback"),
            ("set_cache_size", ("ctx1", 1), "cache-size"),
        ],
    )
    def test_what_was_not_shown_is_not_asked(self, operation: str, args: tuple[Any, ...], capability: str) -> None:
        adapter = Blind(EDITION)
        implementation = identified(adapter)
        asked: list[str] = []
        # Nothing but the guard may answer from here on.
        for name in OPERATIONS:
            setattr(adapter, name, lambda *_, name=name: asked.append(name))
        with pytest.raises(NotObservable) as caught:
            implementation.ask(operation, *args)
        assert caught.value.capability == capability
        assert caught.value.why == next(proof.reason for proof in implementation.identity.proofs if proof.capability == capability)
        assert asked == []

    def test_entries_that_were_not_shown_are_not_counted_in_a_callback_either(self) -> None:
        class CountsNothing(Model):
            def entries(self, context: Context) -> int:
                raise NotObservable("entries", f"it cannot look into {context}")

        adapter = adapter_over(identified(CountsNothing(EDITION)).ask)
        context = adapter.new_context(Role.CLIENT, Variant.TLS12_ID)
        adapter.watch_removals(context, Reaction.NOTHING)
        with pytest.raises(NotObservable) as caught:
            adapter.watch_removals(context, Reaction.COUNT)
        assert caught.value.capability == "entries"

    @pytest.mark.parametrize("variant", list(Variant))
    def test_a_protocol_that_is_not_spoken(self, variant: Variant) -> None:
        adapter = adapter_over(identified(SpeaksTls12Only(EDITION)).ask)
        if variant.version == "TLSv1.2":
            assert adapter.new_context(Role.CLIENT, variant)
            return
        with pytest.raises(ProtocolNotSpoken, match=r"is not spoken: asked for TLSv1\.3 it negotiated TLSv1\.2") as caught:
            adapter.new_context(Role.CLIENT, variant)
        assert caught.value.protocol == variant.value

    def test_a_session_of_a_protocol_that_is_not_spoken(self) -> None:
        adapter = adapter_over(identified(SpeaksTls12Only(EDITION)).ask)
        adapter.begin()
        assert adapter.new_session("one", "TLSv1.2", 0, 7200) == "session1"
        with pytest.raises(ProtocolNotSpoken, match=r"^TLS 1\.3 is not spoken: "):
            adapter.new_session("one", "TLSv1.3", 0, 7200)

    def test_what_was_shown_is_asked(self) -> None:
        adapter = adapter_over(identified(Model(EDITION)).ask)
        adapter.begin()
        for variant in Variant:
            assert adapter.new_context(Role.CLIENT, variant)
        session = adapter.new_session("one", "TLSv1.3", 0, 7200)
        assert adapter.references(session) == 1
        assert adapter.resumable(session)

    @pytest.mark.parametrize("variant", list(Variant))
    def test_a_handshake_that_speaks_another_version_than_it_did(self, variant: Variant) -> None:
        double = ChangesItsMind(EDITION)
        adapter = adapter_over(identified(double).ask)
        adapter.begin()
        ends = [adapter.new_connection(adapter.new_context(role, variant)) for role in (Role.CLIENT, Role.SERVER)]
        assert adapter.handshake(ends[0], ends[1], Point.SERVER_ANSWERED) == Handshake(client=False, server=False, failed="")
        double.fickle = True
        with pytest.raises(AdapterBroken, match=f"client1 negotiated SSLv3 where {variant.version} was proven to be spoken"):
            adapter.handshake(ends[0], ends[1], Point.ESTABLISHED)

    def test_a_handshake_that_fails_is_asked_for_no_version(self) -> None:
        double = ChangesItsMind(EDITION)
        adapter = adapter_over(identified(double).ask)
        adapter.begin()
        ends = [adapter.new_connection(adapter.new_context(role, Variant.TLS12_ID)) for role in (Role.CLIENT, Role.SERVER)]
        double.fickle = True
        adapter.hang_up(ends[1])
        assert adapter.handshake(ends[0], ends[1], Point.ESTABLISHED).failed


class TestTheInterfaceOverAFunction:
    def test_asks_by_name(self) -> None:
        asked: list[tuple[Any, ...]] = []
        adapter = adapter_over(lambda operation, *args: asked.append((operation, *args)))
        adapter.set_cache(Context("ctx1"), [CacheMode.CLIENT])
        adapter.begin()
        assert asked == [("set_cache", "ctx1", ["client"]), ("begin",)]

    def test_returns_what_the_interface_says(self) -> None:
        """JSON knows no tuples with names."""
        answers: dict[str, Any] = {"set_session": [0, ["no such protocol"]], "handshake": [True, False, "why"], "entries": 3}
        adapter: Any = adapter_over(lambda operation, *_: answers[operation])
        assert adapter.set_session("client1", None) == Outcome(0, ["no such protocol"])
        assert adapter.handshake("client1", "server1", Point.ESTABLISHED) == Handshake(client=True, server=False, failed="why")
        assert adapter.entries("ctx1") == 3

    def test_knows_nothing_else(self) -> None:
        adapter: Any = adapter_over(lambda *_: None)
        assert all(hasattr(adapter, operation) for operation in OPERATIONS)
        with pytest.raises(AttributeError, match="up_ref"):
            adapter.up_ref("session1")

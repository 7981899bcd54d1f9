"""Evidence as C statements."""

from __future__ import annotations

import ast
import inspect

import pytest

from sslspec.adapters import driver as base_driver
from sslspec.adapters.native import calls as native_calls
from sslspec.adapters.native import driver, removals, transport
from sslspec.errors import UsageError
from sslspec.evidence import UNFINISHED, Event
from sslspec.record import Wanted
from sslspec.reports.reproducer.calls import CALLS, REACTIONS
from sslspec.reports.reproducer.case import Case
from sslspec.reports.reproducer.statements import Statements
from sslspec.verdicts import Verdict

TURNS = {"SSL_connect", "SSL_accept", "SSL_get_error", "SSL_get_version"}


def call(name, *arguments, result=None, depth=0):
    return Event("call", name, arguments, result, depth)


CONTEXT = call("SSL_CTX_new", "TLS_client_method()", result="ctx1")
CLIENT = call("SSL_new", "ctx1", result="client1")
SERVER = call("SSL_new", "ctx1", result="server1")
SESSION = call("d2i_SSL_SESSION", {"id": "id 1", "version": "TLSv1.2", "age": 0, "timeout": 7200}, result="session1")
JOINED = call("BIO_new_bio_pair", "BIO of client1", "BIO of server1")
WHEN = Event("step", "When it happens")


@pytest.fixture
def statements(make):
    """Return what writes the statements of evidence; the last event decides, or the one at `at`."""

    def write(*events, at=-1, wanted=None, before=None, number=0):
        row = make.row(Verdict.DEVIATES, evidence=events)
        record = make.record([row])
        case = Case(record.clauses[0], record.implementations[0], row, "so", "not so", wanted, at % len(events), before, number)
        return Statements(case)

    return write


def traced_functions():
    """Go through the names that the native driver gives to `_call` and its kin, wherever they are literals or the ends of a choice."""
    callers = {"_call", "_on_context", "_on_connection", "_outcome", "_session_by"}
    for module in (base_driver, driver, native_calls, transport):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in callers:
                texts = [leaf.value for leaf in ast.walk(node.args[0]) if isinstance(leaf, ast.Constant)]
                yield from (text for text in texts if isinstance(text, str))


def test_every_function_that_the_native_driver_traces_has_a_form_in_c():
    traced = set(traced_functions()) | {family.asks_for_tickets for family in driver_families() if family.asks_for_tickets}
    assert len(traced) > 30
    assert traced <= set(CALLS) | TURNS
    # Two are chosen before they are named.
    assert set(CALLS) - traced <= {"SSL_CTX_UseSessionTicket"}


def driver_families():
    from sslspec.adapters.native.families import FAMILIES  # noqa: PLC0415  # used once

    return FAMILIES


def test_every_reaction_of_the_callback_has_a_form_in_c():
    assert set(REACTIONS) == {function for function, _ in removals._CALLS.values()}


def test_a_call_whose_result_is_known_must_give_it_again(statements):
    added = call("SSL_CTX_add_session", "ctx1", "session1", result=1)
    last = call("SSL_set_session", "client1", None, result=UNFINISHED)
    lines = statements(CONTEXT, CLIENT, SESSION, added, WHEN, last).lines
    assert "    GIVES(SSL_CTX_add_session(ctx1, session1), 1);" in lines
    assert '    MAKES(session1, hand_made("id 1", TLS1_2_VERSION, 0, 7200));' in lines
    assert lines[-3:] == ["    begun = 1;", "    DO(SSL_set_session(client1, NULL));", "    return concluded(1, NULL);"]


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (Wanted("call", "", 1, 1), "seen == 1"),
        (Wanted("call", "", 0, 1), "seen >= 0 && seen <= 1"),
        (Wanted("call", "", 1), "seen >= 1"),
    ],
)
def test_what_decides_is_compared_with_what_is_wanted(statements, wanted, holds):
    lines = statements(CONTEXT, CLIENT, call("SSL_set_session", "client1", None, result=7), wanted=wanted, number=7).lines
    assert lines[-2] == "    seen = DO(SSL_set_session(client1, NULL));"
    assert lines[-1] == f'    return concluded({holds}, seen == 7 ? "not so" : other(seen));'


def test_a_number_that_is_compared_with_an_earlier_one_is_kept(statements):
    number = call("SSL_CTX_sess_number", "ctx1", result=3)
    other = call("SSL_CTX_sess_number", "ctx2", result=3)
    wanted = Wanted("entries", "ctx1", -1, -1, gained=True)
    lines = statements(CONTEXT, number, number, other, WHEN, number, wanted=wanted, before=2).lines
    assert lines == [
        "    MAKES(ctx1, SSL_CTX_new(TLS_client_method()));",
        "    GIVES(SSL_CTX_sess_number(ctx1), 3);",
        "    before = DO(SSL_CTX_sess_number(ctx1));",
        "",
        "    /* When it happens */",
        "    begun = 1;",
        "    seen = DO(SSL_CTX_sess_number(ctx1)) - before;",
        '    return concluded(seen == -1, seen == 0 ? "not so" : other(seen));',
    ]


def test_only_the_session_in_question_is_watched_and_only_where_that_can_be_done(statements):
    wanted = Wanted("references", "session1", 1, 1, gained=True)
    for name, watched in (("references", True), ("references, by one witness", False)):
        counted = Event("observation", name, ("session1",), 1)
        lines = statements(SESSION, counted, WHEN, counted, wanted=wanted, before=1).lines
        assert ("    watch(&session1);" in lines) is watched
        assert "    seen = DO(references(session1)) - before;" in lines


def turns(*results):
    ends = {"SSL_connect": "client1", "SSL_accept": "server1"}
    for name, result in results:
        yield call(name, ends[name], result=result)
        if result != 1:
            yield call("SSL_get_error", ends[name], result, result="SSL_ERROR_WANT_READ")


def test_a_handshake_that_came_to_its_end_is_one_statement(statements):
    shaken = [*turns(("SSL_connect", -1), ("SSL_accept", -1), ("SSL_connect", 1), ("SSL_accept", 1))]
    version = call("SSL_get_version", "client1", result="TLSv1.2")
    arrived = Event("callback", "new_session", ("client1", "session1"))
    last = call("SSL_free", "client1", result=UNFINISHED)
    lines = statements(CONTEXT, CLIENT, SERVER, JOINED, *shaken, arrived, version, last).lines
    assert lines[-6:-1] == [
        "    GIVES(handshake(client1, server1), NULL);",
        '    GIVES(strcmp(SSL_get_version(client1), "TLSv1.2"), 0);',
        "    MAKES(session1, received(0));",
        "    begun = 1;",
        "    DO(SSL_free(client1));",
    ]


def test_a_handshake_that_did_not_is_written_turn_by_turn(statements):
    begun = [*turns(("SSL_connect", -1), ("SSL_accept", -1))]
    last = call("SSL_set_session", "client1", None, result=UNFINISHED)
    lines = statements(CONTEXT, CLIENT, SERVER, JOINED, *begun, last).lines
    assert "    DO(SSL_connect(client1));" in lines
    assert "    DO(SSL_accept(server1));" in lines


def test_a_handshake_that_should_have_succeeded_decides_as_a_whole(statements):
    failed = [*turns(("SSL_connect", -1), ("SSL_accept", -1))]
    lines = statements(CONTEXT, CLIENT, SERVER, JOINED, *failed, wanted=Wanted("handshake", "client1", 1)).lines
    assert lines[-2:] == ["    why = handshake(client1, server1);", "    return concluded(why == NULL, why);"]


def test_what_a_callback_called_is_in_its_body(statements):
    watched = call("SSL_CTX_sess_set_remove_cb", "ctx1", "remove_session")
    outer = call("SSL_CTX_remove_session", "ctx1", "session1", result=UNFINISHED)
    made = statements(CONTEXT, SESSION, watched, outer)
    assert made.reaction == ""
    callback = Event("callback", "remove_session", ("ctx1", "session1"))
    inner = call("SSL_CTX_add_session", "ctx1", "session1", result=UNFINISHED, depth=1)
    made = statements(CONTEXT, SESSION, watched, outer, callback, inner, at=3)
    assert made.reaction == "SSL_CTX_add_session(ctx, session)"
    assert made.reaction_told == (
        '"SSL_CTX_add_session(ctx1, session1) inside callback remove_session(ctx1, session1) inside SSL_CTX_remove_session(ctx1, session1)"'
    )


@pytest.mark.parametrize(
    "event",
    [
        call("SSL_unheard_of", "ctx1"),
        call("SSL_CTX_free", "ctx1; system()"),
        call("SSL_CTX_free"),
        call("SSL_connect"),
        call("SSL_CTX_free", "ctx1", "ctx1"),
        call("SSL_CTX_new", "system()", result="ctx2"),
        call("SSL_new", "ctx1", result="x = 1"),
        call("SSL_CTX_sess_set_cache_size", "ctx1", "3; x"),
        call("SSL_CTX_set_session_cache_mode", "ctx1", ["odd"]),
        call("d2i_SSL_SESSION", {"id": "x"}, result="session1"),
        call("BIO_new_bio_pair", "BIO of you", "BIO of me"),
        Event("callback", "unheard_of", ("ctx1",)),
        Event("callback", "new_session", ("client1",)),
        call("SSL_free", "client9"),
        call("SSL_CTX_flush_sessions", "ctx1", "all", depth=1),
        call("SSL_free", "client1", result=UNFINISHED),
    ],
)
def test_what_nobody_knows_in_c_is_said_in_a_line(statements, event):
    with pytest.raises(UsageError, match="no program can be made of 'It is so'") as caught:
        statements(CONTEXT, CLIENT, event, call("SSL_free", "client1", result=UNFINISHED))
    assert "\n" not in str(caught.value)

"""Evidence as C statements: one for each event, and the turns of a handshake taken together.

Objects keep the names of the evidence. What only watched (the numbers that the case is not about) is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sslspec.errors import UsageError
from sslspec.evidence import UNFINISHED, under_way
from sslspec.reports.reproducer.calls import CALLS, REACTIONS, How, Odd, number, object_, text_, transport
from sslspec.reports.reproducer.case import SHOWN_BY
from sslspec.reports.reproducer.text import comment, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sslspec.evidence import Event, Value
    from sslspec.reports.reproducer.case import Case

#: What objects are called, as in the evidence; transports by the connection that they are of.
OBJECTS = {
    "SSL_CTX *": r"ctx\d+",
    "SSL *": r"(?:client|server)\d+",
    "SSL_SESSION *": r"session\d+",
    "BIO *": r"bio_(?:client|server)\d+",
    "int ": r"socket_(?:client|server)\d+",
}

#: The numbers that are left out where a case is not about them, and their event's name in C.
_NUMBERS = {"SSL_CTX_sess_number": "SSL_CTX_sess_number", "references": "references", "references, by one witness": "references"}
_TURNS = ("SSL_connect", "SSL_accept", "SSL_get_error")


@dataclass
class Statements:
    """The statements of a case, and what the callback for removed sessions does: a call in C, and as it is told."""

    case: Case
    lines: list[str] = field(default_factory=list)
    reaction: str = ""
    reaction_told: str = ""
    _peers: dict[str, str] = field(default_factory=dict)
    _bound: set[str] = field(default_factory=set)
    _received: int = 0
    _watched: bool = False
    _begun: bool = False

    def __post_init__(self) -> None:
        self._react()
        events = self.case.events
        at = 0
        while at < len(events):
            past = self._past_turns(at)
            if past > at:
                self._turns(at, past)
            else:
                self._event(at)
                past = at + 1
            at = past
        if self.case.at >= len(events):
            self._conclude(f"(long)({self._value(self.case.wanted.of if self.case.wanted else None, events[-1])} == NULL)")
        self._check_bound()

    def _check_bound(self) -> None:
        used = {name for kind in ("SSL_CTX *", "SSL *", "SSL_SESSION *") for name in names(self.lines, OBJECTS[kind])}
        if strange := used - self._bound:
            raise UsageError(f"no program can be made of {self.case.row.title!r}: no call gave it {min(strange)}")

    def _event(self, at: int) -> None:
        event = self.case.events[at]
        if event.kind == "step":
            self._step(event)
        elif event.kind == "callback":
            self._callback(at)
        elif event.depth or event.name == "SSL_get_version":
            return
        elif event.name in _NUMBERS:
            self._watched_number(at)
        elif event.kind == "call":
            self._call(at)
        elif at == self.case.at and event.name == "destroyed":
            self._conclude(f"(long)({self._argument(object_, event, 0)} == NULL)")

    def _step(self, event: Event) -> None:
        self.lines += ["", f"    /* {comment(event.name)} */"]
        if event.name.startswith("When "):
            self._begin()

    def _begin(self) -> None:
        """Write that from here on the case is what it is about."""
        if not self._begun:
            self._begun = True
            self._add("begun = 1;")

    def _watched_number(self, at: int) -> None:
        """Write down a number that the case is about; before the first When it also belongs to the setup."""
        event, wanted = self.case.events[at], self.case.wanted
        if wanted is None and at == self.case.at:
            self._call(at)
        if wanted is None or event.name not in SHOWN_BY[wanted.what] or wanted.of not in event.arguments:
            return
        text = f"{_NUMBERS[event.name]}({self._argument(object_, event, 0)})"
        if at == self.case.at:
            self._conclude(f"DO({text})")
        elif at == self.case.before:
            self._add(f"before = DO({text});")
        elif self.case.before is not None and at < self.case.before:
            self._add(f"GIVES({text}, {self._value(event.result, event, number)});")

    def _call(self, at: int) -> None:
        event = self.case.events[at]
        text = self._in_c(event)
        if at == self.case.at:
            self._conclude(f"DO({text})")
        elif event.result == UNFINISHED:
            raise UsageError(f"no program can be made of {self.case.row.title!r}: {event} did not return, but is not what it is about")
        elif CALLS[event.name].how is How.MAKES and event.result is not None:
            self._make(self._value(event.result, event), text)
        elif CALLS[event.name].how is How.GIVES:
            self._add(f"GIVES({text}, {self._value(event.result, event, number)});")
        else:
            self._add(f"DO({text});")
        self._join(event)

    def _make(self, name: str, text: str) -> None:
        self._bound.add(name)
        self._add(f"MAKES({name}, {text});")
        wanted = self.case.wanted
        if wanted and wanted.of == name and not self._watched and self._destruction_is_seen():
            self._watched = True
            self._add(f"watch(&{name});")

    def _destruction_is_seen(self) -> bool:
        wanted, names = self.case.wanted, {event.name for event in self.case.row.evidence if event.kind == "observation"}
        return wanted is not None and (wanted.what == "destroyed" or (wanted.what == "references" and "references" in names))

    def _callback(self, at: int) -> None:
        event = self.case.events[at]
        if event.name == "new_session":
            self._make(self._argument(object_, event, 1), f"received({self._received})")
            self._received += 1
        elif event.name != "remove_session":
            raise self._unknown(event)

    def _react(self) -> None:
        """Find out what the callback for removed sessions calls; it does so once."""
        evidence = self.case.row.evidence
        at = next((at for at, event in enumerate(evidence) if event.depth and event.kind == "call"), None)
        if at is None:
            return
        if evidence[at].name not in REACTIONS:
            raise self._unknown(evidence[at])
        self.reaction = REACTIONS[evidence[at].name]
        self.reaction_told = literal(under_way(evidence[: at + 1]) or f"{evidence[at].name} inside {evidence[at - 1]}")

    # Handshakes

    def _join(self, event: Event) -> None:
        if event.name in ("BIO_new_bio_pair", "socketpair"):
            client, server = (self._argument(transport, event, index).partition("_")[2] for index in (0, 1))
            self._peers |= {client: server, server: client}

    def _past_turns(self, at: int) -> int:
        """Return where the turns of one pair of connections end that begin at `at`; `at` itself when none does."""
        events, end = self.case.events, at
        if events[at].name not in _TURNS or events[at].kind != "call":
            return at
        pair = self._pair(events[at])
        while end < len(events):
            event = events[end]
            belongs = event.name in _TURNS if event.kind == "call" else (event.kind, event.name) == ("callback", "new_session")
            if not belongs or self._argument(object_, event, 0) not in pair:
                break
            end += 1
        return end

    def _pair(self, event: Event) -> list[str]:
        """Return the two ends that an event belongs to, the client's first; only one where it was joined to none."""
        one = self._argument(object_, event, 0)
        return sorted({one, self._peers.get(one, one)})

    def _turns(self, at: int, past: int) -> None:
        turns = self.case.events[at:past]
        calls = [event for event in turns if event.kind == "call"]
        if at <= self.case.at < past:
            self._last_turns(calls)
            return
        done = {self._argument(object_, event, 0) for event in calls if event.result == 1}
        if done >= set(self._pair(calls[0])):
            self._add(f"GIVES({self._shake(calls[0])}, NULL);")
            self._version(past)
        else:
            self._single_turns(calls)
        for offset, event in enumerate(turns):
            if event.kind == "callback":
                self._callback(at + offset)

    def _last_turns(self, calls: Sequence[Event]) -> None:
        if self.case.wanted is None:
            self._single_turns([event for event in calls if event is not self.case.events[self.case.at]])
            self._conclude(f"DO({self._turn(self.case.events[self.case.at])})")
            return
        self._begin()
        self._add(f"why = {self._shake(calls[0])};")
        self._add("return concluded(why == NULL, why);")

    def _single_turns(self, calls: Sequence[Event]) -> None:
        for event in calls:
            if event.name != "SSL_get_error":
                self._add(f"DO({self._turn(event)});")

    def _turn(self, event: Event) -> str:
        return f"{event.name}({self._argument(object_, event, 0)})"

    def _shake(self, event: Event) -> str:
        client, server = (*self._pair(event), "NULL")[:2]
        return f"handshake({client}, {server})"

    def _version(self, at: int) -> None:
        after = self.case.row.evidence[at : at + 1]
        if after and after[0].name == "SSL_get_version":
            text = f"strcmp(SSL_get_version({self._argument(object_, after[0], 0)}), {self._value(after[0].result, after[0], text_)})"
            self._add(f"GIVES({text}, 0);")

    # The end

    def _conclude(self, number: str) -> None:
        """Write what decides: `number` is C for it, or the call that did not return."""
        case = self.case
        self._begin()
        if case.wanted is None:
            self._add(f"{number};")
            self._add("return concluded(1, NULL);")
            return
        if case.wanted.what == "errors":
            number = f"{number} == 0 && ERR_get_error() == 0 ? 0 : 1"
        self._add(f"seen = {number}{' - before' if case.before is not None else ''};")
        self._add(f"return concluded({_holds(case)}, seen == {case.number} ? {literal(case.observed)} : other(seen));")

    # Arguments

    def _in_c(self, event: Event) -> str:
        call = CALLS.get(event.name)
        if call is None or len(call.arguments) != len(event.arguments):
            raise self._unknown(event)
        return call.text.format(*(self._argument(translate, event, index) for index, translate in enumerate(call.arguments)))

    def _argument(self, translate: Callable[[Value], str], event: Event, index: int) -> str:
        return self._value(event.arguments[index] if index < len(event.arguments) else {}, event, translate)

    def _value(self, value: Value, event: Event, translate: Callable[[Value], str] = object_) -> str:
        try:
            return translate(value)
        except Odd:
            raise self._unknown(event) from None

    def _unknown(self, event: Event) -> UsageError:
        return UsageError(f"no program can be made of {self.case.row.title!r}: nothing is known in C for {comment(str(event))[:100]}")

    def _add(self, line: str) -> None:
        self.lines.append(f"    {line}")


def _holds(case: Case) -> str:
    wanted = case.wanted
    assert wanted is not None  # noqa: S101  # there is something to hold
    if wanted.most == wanted.least:
        return f"seen == {wanted.least}"
    return f"seen >= {wanted.least}" + ("" if wanted.most is None else f" && seen <= {wanted.most}")


def names(lines: Sequence[str], pattern: str) -> Iterator[str]:
    """Go through the names in `lines` that a pattern of OBJECTS is of, each once, in the order of their first use."""
    yield from dict.fromkeys(found for line in lines if "/*" not in line for found in re.findall(rf"\b{pattern}\b", line))

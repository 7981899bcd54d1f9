"""What a sanitizer wrote on standard error before it ended the process, as a fault and as evidence.

Those of gcc and clang write in one form, whatever they look for: a line that says what was found, stacks, each below a line that says
whose it is, and a summary. It is read from outside, after the end: that asks nothing of the library, of its program, or of a runtime that
is in the middle of its work, and serves any program on the protocol. What cannot be understood is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sslspec.evidence import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sslspec.evidence import Value

#: Of a report: how many stacks are kept, how many frames of each, innermost first, and how many characters of a line are read.
_STACKS, _FRAMES, _WIDTH = 6, 8, 500
#: Frames from here on are those of our own worker in C, and not the library's.
_OURS = "worker.c:"

_UNSEEN = re.compile(r"\x1b\[[\d;]*m|[\x00-\x08\x0e-\x1f\x7f]")
_FOUND = re.compile(r"(?:==\d+==)?(?:ERROR|WARNING): \w+Sanitizer: ")
#: Of what follows the fault, a place: /source.c:4:60, source.c:4, (library.so+0x123), ??:0.
_SUMMARY = re.compile(
    r"SUMMARY: (?P<by>\w+Sanitizer): (?!undefined-behavior)(?P<fault>.+?)(?= (?:/|\?\?|[^\s:]+:\d|\([^\s()]+\+0x|\(<)|\.?$)"
)
#: UndefinedBehaviorSanitizer's, which has a summary only where its user asks for one, and says less there.
_UNDEFINED = re.compile(r"(?:.*/)?(?P<place>[^/\s:]+:\d+):\d+: runtime error: (?P<what>(?P<fault>[^:]+).*)")
_FRAME = re.compile(r"\s+#(?P<number>\d+) (?:0x[\da-f]+ +(?:in )?)?(?P<function>(?:\(anonymous namespace\)::)?[^\s(]*)(?P<rest>.*)")
_PLACE = re.compile(r"(?P<place>[^/\s:]+:\d+)(?::\d+)?(?: \(|$)")
_MODULE = re.compile(r"\((?:[^()]*/)?(?P<place>[^()/]+\+0x[\da-f]+)\)")
_NO_STACK = re.compile(r"\s+\[(failed to restore the stack)\]")
_VARIABLE = re.compile(r"\s+Location is (?P<what>(?!.*<null>).+?)(?: at 0x.*)?\.?")
_ACCESS = re.compile(r"(atomic )?(read|write) of size ")
#: What is another the next time, or says nothing of the library: which of two threads came first, addresses, numbers of threads and locks.
_PASSING = (
    (re.compile(r"^Previous "), ""),
    (re.compile(r" at 0x[\da-f]+ (?=thread )"), " by "),
    (re.compile(r"(?: at)? \(?0x[\da-f]+\)?| \(tid=[^)]*\)|(?: at| here)$"), ""),
    (re.compile(r"\b[Tt]hread T0\b"), "main thread"),
    (re.compile(r"\b[Tt]hread T\d+\b"), "a thread"),
    (re.compile(r"\b[Mm]utex M\d+\b"), "a mutex"),
    (re.compile(r"\bM\d+\b"), "M"),
)
#: What AddressSanitizer calls what the plain library would have been ended by.
_SIGNALS = ("SEGV", "BUS", "FPE", "ILL", "ABRT", "TRAP")

_NO_ROOM = re.compile(r"FATAL: ThreadSanitizer: unexpected memory mapping")
_ROOM = (
    "ThreadSanitizer finds no room where this kernel puts programs; write `setarch -R` before the command (`setarch -R sslspec ...`), "
    "or set vm.mmap_rnd_bits to 28"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found.

    fault: who found what, "ThreadSanitizer: data race"; the name of the signal, "SIGSEGV", where it is no more than that. observations: the
    stacks, innermost function first, and what the memory belongs to.
    """

    fault: str
    observations: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stack:
    head: str
    frames: list[str]


def read_report(said: str) -> Report | None:
    """Return the last whole report in `said`, None where there is none."""
    lines = [_UNSEEN.sub("", line)[:_WIDTH] for line in said.splitlines()]
    for at in range(len(lines) - 1, -1, -1):
        if summary := _SUMMARY.match(lines[at]):
            return _report(summary["by"], summary["fault"], _back_to_beginning(lines[:at]))
        if undefined := _UNDEFINED.match(lines[at]):
            return _undefined(undefined, lines[at:])
    return None


def why_not_started(said: str) -> str:
    """Return what kept a program from starting by the last that it said, "" where it said nothing."""
    if _NO_ROOM.search(said):
        return _ROOM
    report = read_report(said)
    lines = said.strip().splitlines()
    return report.fault if report else lines[-1] if lines else ""


def _report(by: str, fault: str, lines: Sequence[str]) -> Report:
    variables = [variable["what"] for line in lines if (variable := _VARIABLE.fullmatch(line)) and not line.endswith(":")]
    observations = (*_observed(by, _stacks(lines, fault)), *(Event("observation", by, ("location",), what) for what in variables))
    return Report(f"SIG{fault}" if fault in _SIGNALS else f"{by}: {fault}", observations)


def _undefined(found: re.Match[str], lines: Sequence[str]) -> Report:
    by, what = "UndefinedBehaviorSanitizer", _lasting(found["what"])
    stacks = _stacks(lines, what) or [_Stack(what, [found["place"]])]
    return Report(f"{by}: {_lasting(found['fault'])}", _observed(by, stacks[:1]))


def _back_to_beginning(lines: Sequence[str]) -> Sequence[str]:
    beginnings = [at for at, line in enumerate(lines) if _FOUND.match(line) or _UNDEFINED.match(line)]
    return lines[beginnings[-1] :] if beginnings else ()


def _stacks(lines: Iterable[str], fault: str) -> list[_Stack]:
    """Return the stacks in their order, but for the accesses of a race: these come first, in an order that does not tell who was faster."""
    stacks: list[_Stack] = []
    above = ""
    for line in lines:
        frame = _FRAME.match(line)
        lost = _NO_STACK.match(line)
        if lost or (frame and frame["number"] == "0"):
            stacks.append(_Stack(_head(above, fault), []))
        if lost:
            stacks[-1].frames.append(lost[1])
        elif frame and stacks:
            stacks[-1].frames.append(_shown(frame))
        else:
            above = line
    accesses = [stack for stack in stacks if _ACCESS.match(stack.head)]
    accesses.sort(key=lambda stack: (stack.head, stack.frames))
    return accesses + [stack for stack in stacks if stack not in accesses]


def _head(line: str, fault: str) -> str:
    """Return what is said of a stack, or the fault itself where the line above it is of the report as a whole."""
    head = line.strip().rstrip(":")
    if not head or _UNDEFINED.match(head) or re.match(r"==\d+==", head):
        return fault
    first, space, rest = _lasting(head).partition(" ")
    return first.lower() + space + rest


def _lasting(text: str) -> str:
    for pattern, instead in _PASSING:
        text = pattern.sub(instead, text)
    return text


def _shown(frame: re.Match[str]) -> str:
    """Return a frame's function and its place in the source, "SSL_free (ssl_lib.c:1402)"; folders are this machine's.

    Of a function without a name, it is the place in its library; of a frame that has nothing, "".
    """
    function, rest = frame["function"], frame["rest"]
    if function in {"", "<null>"}:
        module = _MODULE.search(rest)
        return module["place"] if module else ""
    place = _PLACE.search(rest)
    return f"{function} ({place['place']})" if place else function


def _observed(by: str, stacks: Iterable[_Stack]) -> tuple[Event, ...]:
    """Return stacks as observations, without what is below the library."""
    seen: list[Event] = []
    for stack in stacks:
        ours = next((at for at, frame in enumerate(stack.frames) if f"({_OURS}" in frame), len(stack.frames))
        named: list[Value] = [frame for frame in stack.frames[:ours] if frame]
        seen.append(Event("observation", by, (stack.head,), named[:_FRAMES]))
    return tuple(seen[:_STACKS])

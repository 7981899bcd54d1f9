"""A program on the worker's protocol, as somebody else might have written it: the model behind lines of JSON, and one fault at a time.

    python program.py [FAULT]

Without a fault it does all that the protocol asks for. It uses the suite's own model and server only so as not to be a second model.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from sslspec.adapters.interface import Point, Reaction, Role, Variant
from sslspec.adapters.model import Model
from sslspec.adapters.worker.server import Worker

FAULT = sys.argv[1] if len(sys.argv) > 1 else ""
#: Where the faults of single answers are.
WHERE = "set_cache"


class Plain(Model):
    """The model, asked in plain words."""

    def describe(self) -> Any:
        return {"version": "program 1", "family": "program", "release": "1.0", "files": ["/not/on/this/machine"]}

    def new_context(self, role: Any, variant: Any) -> Any:
        return super().new_context(Role(role), Variant(variant))

    def handshake(self, client: Any, server: Any, until: Any) -> Any:
        if FAULT == "never stops":
            until = Point.ESTABLISHED
        return super().handshake(client, server, Point(until))

    def watch_removals(self, context: Any, reaction: Any = "nothing") -> None:
        super().watch_removals(context, Reaction(reaction))

    def begin(self) -> None:
        if FAULT != "counts on" or not hasattr(self, "_names"):
            super().begin()

    def end(self) -> None:
        if FAULT != "counts on":
            super().end()

    def entries(self, context: Any) -> int:
        if FAULT == "takes a reference by looking" and self._sessions:
            next(iter(self._sessions.values())).references += 1
        return 7 if FAULT == "claims what it cannot" else super().entries(context)


class Program(Worker):
    """The server, opened without a driver's name."""

    def _open(self, _settings: dict[str, Any]) -> None:
        self._adapter = Plain("openssl-1.1.1")


def answered(program: Program, message: dict[str, Any]) -> bytes:
    """Return the answer to a message, with the fault in it that there is to be."""
    if FAULT == "speaks another version" and message["operation"] == "open":
        return b'{"id": 1, "is": {"protocol": 9}, "events": []}\n'
    if FAULT == "answers anything" and message["operation"] == "no_such_operation":
        return json.dumps({"id": message["id"], "is": None, "events": []}).encode() + b"\n"
    if FAULT == "takes its time" and message["operation"] == "begin":
        time.sleep(0.05)
    line = program.answer(message)
    if FAULT == "forgets to say" and message["operation"] == "set_session":
        return json.dumps({**json.loads(line), "events": []}).encode() + b"\n"
    if message["operation"] != WHERE:
        return line
    answer = json.loads(line)
    if FAULT == "answers late":
        time.sleep(3600)
    if FAULT == "dies":
        os._exit(3)
    wrong = {
        "prints noise": b"loading the library ...\n" + line,
        "wrong id": json.dumps({**answer, "id": 1}).encode() + b"\n",
        "half a line": line[: len(line) // 2],
        "a gigabyte": b"x" * (1 << 26),
        "wrong type": json.dumps({**answer, "is": "done"}).encode() + b"\n",
        "unknown error": json.dumps({"id": answer["id"], "error": "Oops", "with": {}, "events": []}).encode() + b"\n",
        "no events": json.dumps({"id": answer["id"], "is": None}).encode() + b"\n",
    }
    return wrong.get(FAULT, line)


def last_words(message: dict[str, Any]) -> None:
    """Say what is under way, and end, if that is the fault; or say that the library has crashed."""
    event = {"call": "SSL_CTX_set_session_cache_mode", "of": ["ctx1", ["client"]], "is": "(did not return)"}
    if FAULT == "dies, and said in what" and message["operation"] == WHERE:
        sys.stdout.write(json.dumps({"id": message["id"], "so_far": [event]}) + "\n")
        sys.stdout.flush()
        os.abort()
    if FAULT == "says that it has crashed" and message["operation"] == WHERE:
        told = {"call": "SSL_CTX_set_session_cache_mode(ctx1, client)", "signal": "SIGSEGV"}
        sys.stdout.write(json.dumps({"id": message["id"], "error": "LibraryCrashed", "with": told, "events": [event]}) + "\n")
        sys.stdout.flush()
        os._exit(1)


def main() -> None:
    """Answer until the input ends."""
    program = Program(None)
    for line in sys.stdin.buffer:
        message = json.loads(line)
        last_words(message)
        sys.stdout.buffer.write(answered(program, message))
        sys.stdout.buffer.flush()
    if FAULT == "stays":
        time.sleep(3600)


if __name__ == "__main__":
    main()

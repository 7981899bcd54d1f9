"""The callback for removed sessions: what it has heard of, and what it does in the library that is calling it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sslspec.adapters.interface import Reaction

if TYPE_CHECKING:
    from sslspec.adapters.interface import Context, Session
    from sslspec.adapters.native.api import Api
    from sslspec.adapters.native.sessions import Sessions
    from sslspec.adapters.trace import Trace


#: What is called, and with which of the callback's two arguments.
_CALLS = {
    Reaction.COUNT: ("SSL_CTX_sess_number", [0]),
    Reaction.ADD: ("SSL_CTX_add_session", [0, 1]),
    Reaction.REMOVE: ("SSL_CTX_remove_session", [0, 1]),
    Reaction.FREE: ("SSL_SESSION_free", [1]),
}


class Removals:
    """The callback of one context.

    heard: the sessions it was called with, in order. returned: what the function that it called has returned, None for nothing.
    """

    def __init__(self, context: Context, reaction: Reaction, api: Api, trace: Trace, sessions: Sessions) -> None:
        """Look up what `reaction` needs; raises NotImplementedThere, which nobody would hear of inside the callback."""
        self.heard: list[Session] = []
        self.returned: int | None = None
        self._context, self._reaction, self._trace, self._sessions = context, reaction, trace, sessions
        self._function, self._arguments = _CALLS.get(reaction, ("", []))
        self._to_do = api[self._function] if self._function else None

    def hear(self, ctx: int, pointer: int) -> None:
        """Be called by the library, with its pointers to the context and the session."""
        session = self._sessions.name(pointer)
        self.heard.append(session)
        self._trace.callback("remove_session", (self._context, session))
        function, self._to_do = self._to_do, None
        if function:
            names = [(self._context, session)[index] for index in self._arguments]
            pointers = [(ctx, pointer)[index] for index in self._arguments]
            frees = self._reaction is Reaction.FREE
            before = self._sessions.count(session) if frees else None
            with self._trace.inside():
                self.returned = self._trace.call(self._function, names, lambda: function(*pointers), lambda returned: returned)
            if frees:
                self._sessions.was_freed(session, before)

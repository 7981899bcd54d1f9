"""The sessions of a library in sight: their names, how many references there are, and when each is destroyed.

Two independent witnesses: the count in memory (refcount.py) and a free callback of the ex_data of SSL_SESSION. They must agree
whenever a reference is given back.
"""

from __future__ import annotations

from collections import Counter
from ctypes import byref, c_char_p
from typing import TYPE_CHECKING

from sslspec.adapters.der import session as der_session
from sslspec.adapters.errors import AdapterBroken, LibraryDestroyedSession, NotObservable
from sslspec.adapters.interface import Session
from sslspec.adapters.native.api import CRYPTO_EX_INDEX_SSL_SESSION, FREE_CALLBACK, Api
from sslspec.adapters.refcount import calibrate, word_at

if TYPE_CHECKING:
    from collections.abc import Callable


class Sessions:
    """All sessions of the row so far."""

    def __init__(self, api: Api, now: Callable[[], float], holder: Callable[[], int]) -> None:
        """Look for both witnesses in the library behind `api`.

        now: tells the time, in seconds of the epoch. holder: makes a bare connection (an SSL pointer) to calibrate with
        where the library has no SSL_SESSION_up_ref.
        """
        self._api = api
        self._now = now
        # The library calls back for as long as it is loaded: the callback has to live as long as this object.
        self._on_free = FREE_CALLBACK(self._freed)
        self._index = self._register()
        self._next_tag = 0
        self.begin()
        self._offset = self._calibrate(holder)

    def begin(self) -> None:
        """Forget all names; tags are never used twice, so that a late callback cannot name a session of this row."""
        self._pointers: dict[Session, int] = {}
        self._names: dict[int, Session] = {}
        self._tags: dict[int, Session] = {}
        self._destroyed: set[Session] = set()
        self.owned: Counter[Session] = Counter()

    @property
    def two_witnesses(self) -> bool:
        """Return whether destruction can be seen beside the count."""
        return self._index is not None

    def still_owned(self) -> list[Session]:
        """Return the sessions the application holds and that are still there, each as often as it holds a reference."""
        return [session for session in self.owned.elements() if session not in self._destroyed]

    def make(self, label: str, version: str, age: int, timeout: int) -> int:
        """Return the pointer to a new session made by hand; see interface.Adapter.new_session."""
        data = der_session(label, version, int(self._now()) - age, timeout)
        return int(self._api["d2i_SSL_SESSION"](None, byref(c_char_p(data)), len(data)) or 0)

    def name(self, pointer: int) -> Session:
        """Return the name of the session at `pointer`, a new one when it has not been seen before."""
        if pointer not in self._names:
            session = Session(f"session{len(self._pointers) + 1}")
            self._names[pointer], self._pointers[session] = session, pointer
            self._tag(pointer, session)
        return self._names[pointer]

    def pointer(self, session: Session) -> int:
        """Return where `session` is; raises LibraryDestroyedSession, or AdapterBroken where nothing was held, when it is gone."""
        if session in self._destroyed and self.owned[session] > 0:
            raise LibraryDestroyedSession(session, self.owned[session])
        if session in self._destroyed:
            message = f"{session} was destroyed and is used again"
            raise AdapterBroken(message)
        return self._pointers[session]

    def references(self, session: Session) -> int:
        """Return the count in memory, 0 for a destroyed session; raises NotObservable where there is no such word."""
        if isinstance(self._offset, str):
            raise NotObservable("reference-count", self._offset)
        if session in self._destroyed:
            return 0
        if self._index is None and not self.owned[session]:
            raise NotObservable("reference-count", "nothing keeps the session's memory valid, and its destruction cannot be seen")
        return word_at(self._pointers[session] + self._offset)

    def count(self, session: Session) -> int | None:
        """Return the count in memory, None where it cannot be seen."""
        try:
            return self.references(session)
        except NotObservable:
            return None

    def was_freed(self, session: Session, before: int | None) -> None:
        """Hear that a reference was given back that the application still counts on; before: the count just before, None if unseen.

        Where no callback tells that this was the last one, the count did.
        """
        if self._index is None and before == 1:
            self._destroyed.add(session)

    def destroyed(self, session: Session) -> bool:
        """Return whether the free callback was called for `session`; raises NotObservable where there is none."""
        if self._index is None:
            raise NotObservable("destruction", self._api.family.blind.get("destruction", "the library offers no ex_data for sessions"))
        return session in self._destroyed

    def check_release(self, session: Session, before: int | None) -> None:
        """Compare the witnesses after a reference was given back; raises AdapterBroken when they disagree.

        before: the count just before, None where it cannot be seen.
        """
        if self._index is None and before == 1:
            # No callback tells, but it is gone: what is at its place next must not have its name.
            self._names.pop(self._pointers[session], None)
        if before is None or self._index is None:
            return
        if (session in self._destroyed) != (before == 1):
            message = f"the count of {session} was {before} before its release, but destroyed is {session in self._destroyed} after it"
            raise AdapterBroken(message)

    def _register(self) -> int | None:
        if "destruction" in self._api.family.blind:
            return None
        # The symbol first: where there is one, sessions have another number (3 in LibreSSL) or none.
        if self._api.has("SSL_SESSION_get_ex_new_index"):
            index = self._api["SSL_SESSION_get_ex_new_index"](0, None, None, None, self._on_free)
        elif self._api.has("CRYPTO_get_ex_new_index"):
            index = self._api["CRYPTO_get_ex_new_index"](CRYPTO_EX_INDEX_SSL_SESSION, 0, None, None, None, self._on_free)
        else:
            return None
        return int(index) if index >= 0 else None

    def _tag(self, pointer: int, session: Session) -> None:
        if self._index is not None:
            self._next_tag += 1
            self._tags[self._next_tag] = session
            self._api["SSL_SESSION_set_ex_data"](pointer, self._index, self._next_tag)

    def _freed(self, parent: int | None, tag: int | None, _ad: int, _index: int, _argl: int, _argp: int) -> None:
        session = self._tags.get(tag or 0)
        if session is None:
            return
        # TLS 1.3 duplicates sessions with their ex_data: the tag alone could name the original when its copy is freed.
        if parent and parent != self._pointers[session]:
            return
        self._destroyed.add(session)
        self._names.pop(self._pointers[session], None)

    def _calibrate(self, holder: Callable[[], int]) -> int | str:
        blank = not self._api.family.reads_der
        pointer = int(self._api["SSL_SESSION_new"]() or 0) if blank else self.make("calibration", "TLSv1.2", 0, 7200)
        if not pointer:
            return "no session can be made by hand to find the count in"
        api = self._api
        connection = 0
        if api.has("SSL_SESSION_up_ref"):
            take = lambda: api["SSL_SESSION_up_ref"](pointer)  # noqa: E731  # a choice of two one-liners
        else:
            connection = holder()
            api["SSL_set_session"](connection, pointer)
            take = lambda: api["SSL_get1_session"](connection)  # noqa: E731
        found = calibrate(pointer, take, lambda: api["SSL_SESSION_free"](pointer), api.family.ahead)
        if connection:
            api["SSL_free"](connection)
        api["SSL_SESSION_free"](pointer)
        return found

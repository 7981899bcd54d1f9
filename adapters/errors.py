"""What can go wrong while a library is being driven, in the order in which it can happen.

    start   the worker does not start                               -> WorkerNotStarted
    load    the library cannot be loaded, or is a mixture           -> LibraryNotLoaded
    call    the library or the adapter lacks a function             -> NotImplementedThere
            the adapter has no way to see what was asked            -> NotObservable
            the library does not speak the protocol                 -> ProtocolNotSpoken
            the library destroyed what the application still holds  -> LibraryDestroyedSession
            the library ends the process                            -> LibraryCrashed
            the library does not come back                          -> LibraryHung
            the adapter itself fails, or answers what nobody asked  -> AdapterBroken

After LibraryCrashed and LibraryHung the client has ended the worker, and the next row begins in a fresh one.
"""

from __future__ import annotations

from dataclasses import dataclass


class AdapterError(Exception):
    """The base of everything in this module.

    The subclasses are values that nobody changes, but not frozen dataclasses: contextlib sets `__traceback__` on what passes
    through it, and a frozen exception turns that into another error.
    """


@dataclass(eq=False)
class WorkerNotStarted(AdapterError):
    """The worker process did not come up; `reason` is the last it said."""

    reason: str

    def __str__(self) -> str:
        return f"the worker did not start: {self.reason}"


@dataclass(eq=False)
class LibraryNotLoaded(AdapterError):
    """The library cannot be driven; `reason` says what was found and what to do, in one line."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class NotImplementedThere(AdapterError):
    """A function does not exist there, or is a stub that says so.

    function: its name in the API, `SSL_CTX_add_session`.
    where: who lacks it, in words ("pyOpenSSL's binding").
    """

    function: str
    where: str

    def __str__(self) -> str:
        return f"{self.where} has no {self.function}"


@dataclass(eq=False)
class NotObservable(AdapterError):
    """The adapter cannot see what was asked.

    capability: the name of what is missing (interface.CAPABILITIES). why: the reason, in words.
    """

    capability: str
    why: str

    def __str__(self) -> str:
        return f"{self.capability}: {self.why}"


@dataclass(eq=False)
class ProtocolNotSpoken(AdapterError):
    """The library does not speak the variant that was asked for; `why` is what it did instead."""

    protocol: str
    why: str

    def __str__(self) -> str:
        return f"{self.protocol} is not spoken: {self.why}"


@dataclass(eq=False)
class LibraryDestroyedSession(AdapterError):
    """The library destroyed a session to which the application has a reference; to use it again would be undefined.

    session: its name. held: how many references the application had taken and not given back.
    """

    session: str
    held: int

    @property
    def expected(self) -> str:
        """Return what the application may rely on."""
        return f"{self.session} lives as long as the application holds a reference to it"

    @property
    def observed(self) -> str:
        """Return what happened instead."""
        return f"it was destroyed while the application held {self.held}"

    def __str__(self) -> str:
        return f"expected: {self.expected}; observed: {self.observed}"


@dataclass(eq=False)
class LibraryCrashed(AdapterError):
    """The library ended the worker process during a call.

    call: the API function under way, with its arguments as recorded in the evidence; one that a callback made is followed by that
    callback and the function that called back ("... inside callback ... inside ...").
    signal: the name of the signal that ended it ("SIGSEGV"), what a sanitizer has found ("ThreadSanitizer: data race"), or "exit status N".
    """

    call: str
    signal: str

    def __str__(self) -> str:
        return f"{self.call} ended the process with {self.signal}"


@dataclass(eq=False)
class LibraryHung(AdapterError):
    """A call did not return.

    call: as in LibraryCrashed. seconds: the limit that passed.
    """

    call: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.call} did not return within {self.seconds:g} s"


@dataclass(eq=False)
class AdapterBroken(AdapterError):
    """The suite's own fault, or a third party's adapter's: a row that meets it is an `error`."""

    reason: str

    def __str__(self) -> str:
        return f"the adapter failed: {self.reason}"

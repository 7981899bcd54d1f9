"""What ends a command before or beside its verdicts: one line for the user, exit status 2.

    usage   a name, a file or an option is wrong              -> UsageError
    data    clauses, features or a record cannot be read      -> UsageError

What can go wrong while a library is being driven is in `sslspec.adapters.errors`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: So many names fit into a line.
_SHOWN = 8


class UsageError(Exception):
    """The command cannot be carried out; the message is one line that says what is wrong and what to do."""


def printable(text: str) -> str:
    """Return `text` with every character that a terminal would not just print written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def unknown(kind: str, name: str, known: Iterable[str], remedy: str = "") -> UsageError:
    """Return the error for a name that nothing has, with the closest name there is.

    kind: what was named, in one word ("clause"). known: all names that would have been right. remedy: what names them all, where
    that is not `sslspec list`.
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    longer = remedy or f"`sslspec list {plural}` names them all"
    all_of_them = f"known {plural}: {', '.join(names)}" if len(names) <= _SHOWN else longer
    hint = f"did you mean {close[0]}?" if close else all_of_them
    return UsageError(f"no {kind} is called {name!r}; {hint}")

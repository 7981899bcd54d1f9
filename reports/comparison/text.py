"""A comparison for a terminal: what was compared first, what got worse last, so that it is still on the screen."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from rich.console import Console

from sslspec.comparison import WORSE, Way
from sslspec.reports.comparison import words
from sslspec.reports.comparison.groups import groups
from sslspec.reports.screen import Screen

if TYPE_CHECKING:
    from sslspec.comparison import Comparison

#: Of a file.
_WIDTH = 80

#: Nothing of a record is markup.
_PLAIN: dict[str, Any] = {"markup": False, "highlight": False, "emoji": False}

_STYLES = {
    Way.REGRESSED: "bold red",
    Way.LOST: "bold magenta",
    Way.BROKEN: "bold white on red",
    Way.OTHERWISE: "yellow",
    Way.ANSWER: "cyan",
    Way.FIXED: "green",
    Way.SEEN: "green",
}


def render(comparison: Comparison) -> str:
    """Return the comparison as it is shown on a terminal of 80 columns, without colour."""
    file = io.StringIO()
    show(comparison, Console(file=file, width=_WIDTH, color_system=None, **_PLAIN))
    return file.getvalue()


def show(comparison: Comparison, console: Console | None = None) -> None:
    """Print the comparison, to standard output or another console."""
    console = console or Console(**_PLAIN)
    screen = Screen(console)
    screen.text(words.title(comparison), "bold", hanging=2)
    screen.pairs(words.sides(comparison))
    console.print()
    for line in words.overview(comparison):
        screen.text(line, hanging=2)
    for note in words.notes(comparison):
        screen.text(note, "yellow")
    if moves := words.moves(comparison):
        console.print()
        screen.pairs(moves, indent=0)
    for way in reversed(Way):
        _changes(comparison, way, screen)
    console.print()
    screen.text(words.headline(comparison), "bold red" if comparison.worse else "bold green", hanging=2)


def _changes(comparison: Comparison, way: Way, screen: Screen) -> None:
    found = groups(comparison, way)
    if found:
        screen.title(words.TITLES[way], _STYLES[way])
    shown = ""
    for group in found:
        clause = group.clauses[0]
        if clause.id != shown:
            screen.console.print()
            screen.text(clause.id, "bold")
            screen.pairs(words.about(group) if way in WORSE else words.about(group)[:1])
            shown = clause.id
        screen.text(words.who(group), _STYLES[way], indent=2, hanging=2)
        screen.pairs([*words.details(group), ("shown by", group.command)], indent=4)

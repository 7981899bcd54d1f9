"""A comparison in Markdown, for a pull request's comment or a step's summary: what got worse first, as far as a comment goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sslspec.comparison import WORSE, Way
from sslspec.reports.comparison import words
from sslspec.reports.comparison.groups import groups
from sslspec.reports.markdown import escape, fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sslspec.comparison import Comparison


def render(comparison: Comparison) -> str:
    """Return the comparison in GitHub's Markdown, at most markdown.LIMIT characters."""
    parts = [*_head(comparison), *(line for way in Way for line in _changes(comparison, way))]
    return fitted(parts, "`--format json` has the rest")


def _head(comparison: Comparison) -> Iterator[str]:
    yield f"# {escape(words.title(comparison))}"
    yield ""
    yield f"**{escape(words.headline(comparison))}**"
    yield ""
    yield from _pairs(words.sides(comparison))
    yield ""
    yield from (f"- {escape(line)}" for line in words.overview(comparison))
    for lines in ([f"- {escape(note)}" for note in words.notes(comparison)], list(_pairs(words.moves(comparison)))):
        yield from (["", *lines] if lines else [])


def _changes(comparison: Comparison, way: Way) -> Iterator[str]:
    found = groups(comparison, way)
    if found:
        yield from ("", f"## {escape(words.TITLES[way])}")
    shown = ""
    for group in found:
        clause = group.clauses[0]
        if clause.id != shown:
            yield from ("", f"### {escape(clause.id)}", "")
            yield from _pairs(words.about(group) if way in WORSE else words.about(group)[:1])
            shown = clause.id
        yield from ("", f"**{escape(words.who(group))}**", "")
        yield from _pairs([*words.details(group), ("shown by", group.command)])


def _pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return (f"- {escape(label)}: {escape(text)}" for label, text in pairs)

"""How the pages changed from edition to edition, clause by clause, as the ledgers have it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

from sslspec.clauses import EDITIONS, Kind, specification
from sslspec.ledger import ledgers
from sslspec.pages.recognise import PAGES
from sslspec.record import EditionOfPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sslspec.ledger import Entry, Ledger

_WIDTH = 80

#: The edition that one goes back to, where that is not the one before it: OpenBSD's are a branch, and the document of openbsd-2016 has
#: too many holes to compare with. BoringSSL's header was written anew ("").
_CAME_FROM = {"openssl-1.1.0": "openssl-2001", "libressl-3.1.0": "openssl-2001", "openssl-3.0": "openssl-1.1.1", "boringssl-2026": ""}


@dataclass(frozen=True, slots=True)
class Difference:
    """What an edition says otherwise than the one it came from; clauses by their ids, in the order of the page.

    gained, lost: stated in one of the two only. reworded: by other sentences. damaged: one of these, perhaps, but a part of
    the sentences, or of the document, is lost. opened, closed: questions that one of the two alone leaves open.
    """

    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


def difference(old: Ledger, new: Ledger) -> Difference:
    """Return what `new` says otherwise than `old`."""
    before, after = _stated(old), _stated(new)
    gained = tuple(clause for clause in after if clause not in before)
    lost = tuple(clause for clause in before if clause not in after)
    both = [clause for clause in after if clause in before]
    changed = [clause for clause in both if _fingerprints(before[clause]) != _fingerprints(after[clause])]
    holed = [clause for clause in changed if any(entry.has_hole for entry in (*before[clause], *after[clause]))]
    left, now_left = _left_open(old), _left_open(new)
    return Difference(
        gained=() if _is_damaged(old) else gained,
        lost=() if _is_damaged(new) else lost,
        reworded=tuple(clause for clause in changed if clause not in holed),
        damaged=(*holed, *(gained if _is_damaged(old) else ()), *(lost if _is_damaged(new) else ())),
        opened=tuple(question for question in now_left if question not in left),
        closed=tuple(question for question in left if question not in now_left),
    )


def _is_damaged(ledger: Ledger) -> bool:
    return any(entry.has_hole for entry in ledger.entries)


def lines() -> list[str]:
    """Return, page by page, what each edition of it has and what it says otherwise than the one it came from."""
    text: list[str] = []
    for page, group in groupby(of_pages(), lambda edition: edition.page):
        text += ["", page] if text else [page]
        text += [f"  {line}" for edition in group for line in _said(edition)]
    return text


def of_pages() -> tuple[EditionOfPage, ...]:
    """Return what each edition of each page has, by page, the oldest edition first; raises UsageError for a ledger that is broken."""
    known = {page: ledgers(page) for page in PAGES}
    return tuple(_edition(ledger, _before(ledger, of_page)) for of_page in known.values() for ledger in of_page)


def _before(ledger: Ledger, known: Sequence[Ledger]) -> Ledger | None:
    earlier = [other for other in known if EDITIONS.index(other.edition) < EDITIONS.index(ledger.edition)]
    came_from = _CAME_FROM.get(ledger.edition)
    if came_from == "":
        return None
    return next((other for other in earlier if other.edition == came_from), earlier[-1] if earlier else None)


def _edition(ledger: Ledger, before: Ledger | None) -> EditionOfPage:
    entries = [entry for entry in ledger.entries if not entry.outside]
    dispositions = Counter(entry.disposition.value for entry in entries if entry.disposition)
    return EditionOfPage(
        page=ledger.page,
        edition=ledger.edition,
        format=ledger.format,
        sentences=len(entries),
        stating=sum(bool(entry.states) for entry in entries),
        other=dict(dispositions.most_common()),
        holes=sum(entry.has_hole for entry in entries),
        since=before.edition if before else "",
        differs=_in_words(difference(before, ledger)) if before else {},
    )


def _in_words(found: Difference) -> dict[str, tuple[str, ...]]:
    said = {
        "gained": found.gained,
        "lost": found.lost,
        "reworded": found.reworded,
        "cannot be told for holes": found.damaged,
        "new questions": found.opened,
        "questions gone": found.closed,
    }
    return {how: clauses for how, clauses in said.items() if clauses}


def _said(edition: EditionOfPage) -> Iterator[str]:
    clauses = [clause for clause in specification().of_edition(edition.edition) if clause.page == edition.page]
    stated = sum(clause.kind is not Kind.QUESTION for clause in clauses)
    yield f"{edition.edition} ({edition.format}): {edition.sentences} sentences, {edition.stating} of them state {stated} clauses"
    yield from _wrapped("other", [f"{count} {name}" for name, count in edition.other.items()])
    if edition.holes:
        yield f"  damaged: {edition.holes} sentences with a hole"
    if edition.since:
        yield f"  since {edition.since}" + ("" if edition.differs else ": the same clauses in the same words")
    for how, ids in edition.differs.items():
        yield from _wrapped(f"  {how}", [id_.partition("/")[2] for id_ in ids])


def _wrapped(name: str, items: Sequence[str]) -> list[str]:
    start = f"  {name}: "
    return wrap(", ".join(items), _WIDTH - 2, initial_indent=start, subsequent_indent=" " * 8, break_on_hyphens=False)


def _stated(ledger: Ledger) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in ledger.entries:
        for clause in entry.states:
            found.setdefault(clause, []).append(entry)
    return found


def _left_open(ledger: Ledger) -> list[str]:
    return list(dict.fromkeys(question for entry in ledger.entries for question in entry.leaves))


def _fingerprints(entries: Sequence[Entry]) -> list[str]:
    return [entry.fingerprint for entry in entries]

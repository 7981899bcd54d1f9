"""Makes the ledgers anew from the documents they were made of; what was decided in them is kept.

    python .ci/ledger.py FOLDER                  all; of one whose document is not in FOLDER only the clauses
    python .ci/ledger.py --edition NAME FILE     the one of a new document

What is then wrong with the ledgers, as a whole, is printed: sentences that nothing accounts for, clauses that no sentence states.
Exit status: 0 they are written; 1 they are, and something is wrong with them; 2 one cannot be made, or a decision would be lost (then
nothing is written).
"""

from __future__ import annotations

import sys
from pathlib import Path

from sslspec.clauses import check_edition, features_folder, specification
from sslspec.errors import UsageError
from sslspec.ledger import Ledger, ledgers
from sslspec.ledger.check import problems
from sslspec.ledger.make import dumps, lost, make, refreshed
from sslspec.pages import Page, read_pages
from sslspec.pages.recognise import PAGES
from sslspec.reports.files import write_texts
from sslspec.scenarios import counted


def anew(folder: Path) -> dict[Path, str]:
    """Return the new text of each ledger: from its document, if that is in `folder`, and from the clauses in any case."""
    known = [ledger for page in PAGES for ledger in ledgers(page)]
    return dict(
        _made(_page(folder / ledger.document, ledger.page), ledger.edition, ledger)
        if (folder / ledger.document).exists()
        else _refreshed(ledger)
        for ledger in known
    )


def added(document: Path, edition: str) -> dict[Path, str]:
    """Return the text of the ledgers of a document that has none, or others: one for each page in it."""
    pages = {page: next((old for old in ledgers(page.id) if old.edition == edition), None) for page in read_pages(str(document))}
    return dict(_made(page, check_edition(edition), before) for page, before in pages.items())


def _page(document: Path, page: str) -> Page:
    return next(found for found in read_pages(str(document)) if found.id == page)


def _made(page: Page, edition: str, before: Ledger | None) -> tuple[Path, str]:
    ledger = make(page, edition, specification(), before)
    if before and (gone := lost(before, ledger)):
        raise UsageError(f"{page.id} {edition}: decisions would be lost, take them out first: {'; '.join(gone)}")
    return _file(ledger), dumps(ledger)


def _refreshed(ledger: Ledger) -> tuple[Path, str]:
    print(f"{ledger.document} is not there: only the clauses of {ledger.page} {ledger.edition} are made anew", file=sys.stderr)
    return _file(ledger), dumps(refreshed(ledger, specification()))


def _file(ledger: Ledger) -> Path:
    return features_folder() / ledger.page / "ledger" / f"{ledger.edition}.toml"


def wrong() -> list[str]:
    """Return what is wrong with the ledgers as they are now."""
    return problems([ledger for page in PAGES for ledger in ledgers(page)], specification(), counted(features_folder()))


def main(arguments: list[str]) -> int:
    """Make what `arguments` ask for, and return the exit status."""
    match arguments:
        case ["--edition", edition, document]:
            texts = added(Path(document), edition)
        case [folder]:
            texts = anew(Path(folder))
        case _:
            raise UsageError("give a folder of documents, or --edition NAME and a document")
    for path in texts:
        path.parent.mkdir(exist_ok=True)
    write_texts(texts)
    print("\n".join(map(str, texts)))
    left = wrong()
    for line in left:
        print(line, file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UsageError as error:
        print(f"ledger: {error}", file=sys.stderr)
        sys.exit(2)

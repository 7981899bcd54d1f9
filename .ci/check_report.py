"""Holds a record against what must be true of every run: all families ran, the model conforms throughout, and no row is an error."""

from __future__ import annotations

import sys
from pathlib import Path

from sslspec.reports.record_json import read
from sslspec.verdicts import Verdict

#: What `.ci/run` asks for, of releases that stay the same. The system's library and Debian's are whatever the machine and its mirror have.
EXPECTED = {
    *("model", "pyopenssl", "cpython", "rust-openssl", "openssl-1.0.2q", "openssl-1.1.1k", "openssl-3.5.8"),
    *("libressl-3.1.0", "aws-lc-5.12.0", "boringssl-2026", "tongsuo-8.5.0", "wolfssl-5.9.4"),
}


def main() -> None:
    """Check the record that is named on the command line; exit with a message when it does not hold."""
    record = read(Path(sys.argv[1]))
    wrong = [f"{name} did not run" for name in sorted(EXPECTED - set(record.names()))]
    wrong += [f"{row.implementation}: {row.key}: {row.reason}" for row in record.rows if row.verdict is Verdict.ERROR]
    allowed = {Verdict.CONFORMS, Verdict.NOT_APPLICABLE}
    wrong += [f"model: {row.key}: {row.verdict}" for row in record.rows if row.implementation == "model" and row.verdict not in allowed]
    # The others may be of a release that nobody has run before.
    wrong += [
        f"{each.implementation}: {each.change}: {each.clause}: {each.row}"
        for each in record.compared.unexpected
        if each.implementation in EXPECTED
    ]
    counts = {name: sum(row.implementation == name for row in record.rows) for name in record.names()}
    if len(set(counts.values())) != 1:
        wrong.append(f"the columns are not of one length: {counts}")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(record.rows)} rows on {len(counts)} implementations, no error, and the model conforms throughout")


if __name__ == "__main__":
    main()

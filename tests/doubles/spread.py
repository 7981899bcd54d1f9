"""A run with `--tx` in a process of its own, because execnet leaves files open when a connection is lost; says as JSON what ran where.

python -m tests.doubles.spread SPEC CLAUSES SERVER NAME...

SERVER: the number of the process of an ssh server that hangs up after the first row; 0 for none.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from sslspec.collected import Collected
from sslspec.reports.record_json import dumps
from sslspec.run import Request, run
from tests.doubles.quiet import Quiet
from tests.doubles.sshd import hang_up


class _Watching(Collected):
    """Notes on which host each row is run: [whether on another one, the implementation]."""

    where: list[tuple[bool, str]]
    server: int

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call":
            far = bool(report.node.gateway.spec.ssh)
            if far and self.server:
                hang_up(self.server)
                _Watching.server = 0
            self.where.append((far, re.split(r"[\[\]-]", report.nodeid)[1]))
        super().pytest_runtest_logreport(report)


class _Telling(Quiet):
    said: list[str]

    def say(self, text: str) -> None:
        self.said.append(text)


def main(spec: str, clauses: str, server: str, *names: str) -> None:
    """Run and say."""
    _Watching.where, _Watching.server, _Telling.said = [], int(server), []
    sys.modules["sslspec.run"].Collected = _Watching  # type: ignore[attr-defined]
    record = run(Request(names, clauses=clauses.split(","), elsewhere=[spec]), _Telling())
    sys.stdout.write(json.dumps({"where": _Watching.where, "said": _Telling.said, "record": dumps(record)}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What is shown while a run goes on: on a terminal of its own, as a user has one, and in a log."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from sslspec.record import Row
from sslspec.terminal import _Bars, _columns
from sslspec.verdicts import Verdict
from tests.doubles import program as double

CTRL_C = b"\x03"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
RUN = ("run", "-i", "model", "--clause", "added")


#: A shell's background job ignores Ctrl-C, and so would all that it starts, this process too.
HEEDS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from sslspec.cli import main; main()"


class Terminal:
    """A terminal on which the command runs; `read` returns what it has shown by its end, and the exit status."""

    def __init__(self, *arguments: str, columns: int = 80, **environment: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "TERM")}
        command = [sys.executable, "-P", "-c", HEEDS, *arguments]
        self._process, self._handle = pty.fork()
        if self._process == 0:
            os.execve(sys.executable, command, {**kept, "TERM": "xterm-256color", **environment})  # noqa: S606  # a shell is not needed
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self, interrupt: Callable[[str], bool] = lambda _: False) -> tuple[str, int]:
        shown, pressed = "", False
        try:
            while True:
                shown += os.read(self._handle, 65536).decode(errors="replace")
                if not pressed and interrupt(shown):
                    pressed = bool(os.write(self._handle, CTRL_C))
        except OSError:  # the other end is closed
            pass
        finally:
            os.close(self._handle)  # which ends whoever still has it for a terminal
            status = os.waitpid(self._process, 0)[1]
        return shown, os.waitstatus_to_exitcode(status)


def test_on_a_terminal_progress_goes_away_and_the_page_comes_last(tmp_path: Path) -> None:
    shown, status = Terminal(*RUN, "-o", str(tmp_path)).read()
    assert status == 0
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1
    after = shown.rpartition("\x1b[?25h")[2]
    assert "━" not in after
    assert _ESCAPES.sub("", after).splitlines()[-1].startswith("open this page in a browser: ")


def test_without_colours_there_are_none_on_a_terminal_either(tmp_path: Path) -> None:
    shown, _ = Terminal(*RUN, "-o", str(tmp_path), NO_COLOR="1").read()
    assert not re.findall(r"\x1b\[(?:[0-9]+;)*(?:3[0-7]|9[0-7]|38;5;[0-9]+)m", shown)


def test_quiet_shows_no_progress_on_a_terminal(tmp_path: Path) -> None:
    shown, status = Terminal(*RUN, "--quiet", "-o", str(tmp_path)).read()
    assert status == 0
    assert "\x1b[?25l" not in shown


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_the_terminal_and_the_former_reports_as_they_were(jobs: str, tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text("the former one")
    # It is still under way when the key is pressed: a third of the rows take their time, and a terminal that is not read stops it.
    slow = f"slow=cmd:{sys.executable} {double.__file__} 'takes its time'"
    command = ("run", "-i", slow, "-i", "model", "-i", "pyopenssl", "-n", jobs, "-o", str(tmp_path))
    shown, status = Terminal(*command).read(lambda shown: "/1017" in _ESCAPES.sub("", shown))
    assert status == 130
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert shown.rpartition("\x1b[?25h")[2].strip().splitlines()[-1] == "sslspec: interrupted"
    assert "Traceback" not in shown
    # And, beside them, what had been found by then.
    assert {path.name for path in tmp_path.iterdir()} - {"results.jsonl"} == {"record.json"}
    assert (tmp_path / "record.json").read_text() == "the former one"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_each_implementation_under_way_has_one_line_that_fits(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=True)
    progress = Progress(*_columns(), console=console, expand=True)
    bars = _Bars(progress)
    names = ("openssl-1.1.1k", "libressl-3.1.0", "boringssl-debian")
    bars.begin(6, names)
    for name in (*names, "openssl-1.1.1k"):
        bars.row(Row(name, "a.feature", 1, "It is so", (), ("SSL_set_session.3/reference-when-handshake-fails",), Verdict.CONFORMS))
    console.print(progress.get_renderable())
    lines = _ESCAPES.sub("", console.file.getvalue()).splitlines()
    assert [line.split()[0] for line in lines] == ["all", "libressl-3.1.0", "boringssl-debian"]
    assert ["4/6" in lines[0], "1/2" in lines[1]] == [True, True]
    assert all(len(line) <= width for line in lines)
    assert "reference-when-handshake-fails" in lines[1] or width < 80

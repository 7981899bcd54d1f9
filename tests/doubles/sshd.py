"""An ssh server on the loopback address, for as long as a test needs one; everything it knows is in one folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.doubles.processes import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTEMPTS = 5


@dataclass(frozen=True)
class Server:
    """One that runs.

    host: as ssh takes it. folder: its keys, its logs, a `bin` with an `ssh` that trusts it, and `temporary`, where what it starts makes
    its temporary files.
    """

    host: str
    folder: Path
    process: subprocess.Popen[bytes]

    def hang_up(self) -> None:
        """Cut the connections that there are; new ones are taken."""
        hang_up(self.process.pid)

    def lose_the_connections(self) -> None:
        """End the server's part of them alone, as if the line were cut: what was started for them is left to itself."""
        for child in children_of(self.process.pid):
            with suppress(OSError):  # as above
                if Path(f"/proc/{child}/comm").read_text(encoding="utf-8").startswith("sshd"):
                    os.kill(child, signal.SIGKILL)

    def forget_the_host(self) -> None:
        """Make it a host that the user has never seen."""
        (self.folder / "known").write_text("")

    def refuse_the_key(self) -> None:
        """Let nobody in."""
        (self.folder / "authorized").write_text("")

    def stop(self) -> None:
        """End it, with all that it has started."""
        if self.process.poll() is not None:
            return  # its number may be another's by now
        try:
            self.hang_up()
        finally:
            self.process.kill()
            self.process.wait()


def why_not() -> str:
    """Return why there can be no server here, "" where there can."""
    lacking = [tool for tool in ("ssh", "ssh-keygen") if not shutil.which(tool)] + ([] if _sshd() else ["sshd"])
    return f"{', '.join(lacking)} not found; Debian: apt-get install openssh-server openssh-client" if lacking else ""


@contextmanager
def serving(folder: Path, programs: Path | None = None) -> Iterator[Server]:
    """Run a server whose host key is known, with a key that it takes; programs: the folder of all that is found behind it."""
    for name in ("host", "id"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)  # noqa: S607  # the user's own
    (folder / "authorized").write_bytes((folder / "id.pub").read_bytes())
    (folder / "temporary").mkdir()
    (folder / "config").write_text(f"UserKnownHostsFile {folder}/known\nIdentityFile {folder}/id\nIdentitiesOnly yes\n")
    (folder / "bin").mkdir()
    wrapper = folder / "bin" / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/config "$@"\n')
    wrapper.chmod(0o755)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where Debian's sshd puts itself; its service makes it
    server = _started(folder, programs)
    try:
        yield server
    finally:
        server.stop()


def _started(folder: Path, programs: Path | None) -> Server:
    """Return a server that listens. A port that was free may be another's by the time that it is asked for: then it is another port."""
    for attempt in range(_ATTEMPTS):
        port, log = _free_port(), folder / f"log-{attempt}"
        (folder / "known").write_text(f"[127.0.0.1]:{port} {(folder / 'host.pub').read_text()}")
        (folder / "sshd_config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\nPidFile none\n"
            f"StrictModes no\nUsePAM no\nPermitRootLogin yes\nSetEnv TMPDIR={folder}/temporary\n"
            # Not by SetEnv: a user's own shell may have another word about PATH.
            + (f'ForceCommand PATH={programs}; exec {programs}/sh -c "$SSH_ORIGINAL_COMMAND"\n' if programs else "")
        )
        with ExitStack() as unless_it_listens:
            server = Server(f"127.0.0.1:{port}", folder, subprocess.Popen([_sshd(), "-D", "-f", folder / "sshd_config", "-E", log]))
            unless_it_listens.callback(server.stop)
            if _listens(server.process, log):
                unless_it_listens.pop_all()
                return server
    message = f"sshd does not listen: {log.read_text() if log.exists() else ''}"
    raise RuntimeError(message)


def _sshd() -> str:
    # It insists on being called by its whole path.
    return shutil.which("sshd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])) or ""


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _listens(process: subprocess.Popen[bytes], log: Path) -> bool:
    """Return whether a server comes so far. Only its log tells: who answers at its port may be somebody else."""

    def says() -> bool:
        return log.exists() and "Server listening on" in log.read_text()

    return wait_for(lambda: says() or process.poll() is not None) and says()


def hang_up(pid: int) -> None:
    """Cut the connections of the server whose process that is."""
    for child in children_of(pid):
        with suppress(ProcessLookupError):  # it ended by itself since it was found
            os.kill(child, signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    """Return the processes that one has started, and those that these have, the youngest first."""
    if not sys.platform.startswith("linux"):
        return []
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = status.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid:
            child = int(status.parent.name)
            found += [*children_of(child), child]
    return found

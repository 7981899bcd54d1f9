"""Runs on another machine, as `python3 -c`: takes the worker out of its input and starts it there.

Its argument is the size of the archive that comes before the first message, in bytes. Written so that Python 3.6 can read it and
say what is missing.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # it is not the Python that sslspec was installed for
    found = "{}.{}".format(*sys.version_info)
    sys.exit(f"Python 3.11 or later is needed there, and this is {found}; name another one: ssh://HOST/PATH?python=python3.12")

import os
import subprocess
import tempfile
from pathlib import Path


def unpack(path: Path, size: int) -> None:
    """Write the next `size` bytes of the input, and not one more, to a file; the messages are left for the worker."""
    with path.open("wb") as file:
        while size:
            chunk = os.read(0, min(size, 1 << 16))
            if not chunk:
                sys.exit("the connection ended before the worker had arrived")
            file.write(chunk)
            size -= len(chunk)


def main(size: int) -> int:
    """Start the worker with nothing but the archive and the standard library; return its exit status."""
    with tempfile.TemporaryDirectory(prefix="sslspec-") as folder:
        archive = Path(folder, "worker.zip")
        unpack(archive, size)
        command = [sys.executable, "-S", "-P", "-m", "sslspec.adapters.worker"]
        return subprocess.call(command, env={**os.environ, "PYTHONPATH": str(archive)})  # noqa: S603  # what was sent


sys.exit(main(int(sys.argv[1])))

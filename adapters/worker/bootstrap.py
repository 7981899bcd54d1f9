"""Runs on another machine, as `python3 -c`: takes the worker out of its input and starts it there.

Its arguments are the size of the archive that comes before the first message, in bytes, the path of the library, and the seconds that an
operation may take. Written so that Python 3.6 can read it and say what is missing.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # it is not the Python that sslspec was installed for
    found = "{}.{}".format(*sys.version_info)
    another = "name another one: ssh://HOST/PATH?python=python3.12, or a C compiler: ssh://HOST/PREFIX?cc=cc"
    sys.exit(f"Python 3.11 or later is needed there, and this is {found}; {another}")

if "" in sys.path:  # nothing of the folder that a connection begins in is imported
    sys.path.remove("")

import io
import os
import tempfile
import zipfile


def archive(size: int) -> bytes:
    """Return the next `size` bytes of the input, and not one more; the messages are left for the worker."""
    taken = b""
    while len(taken) < size:
        chunk = os.read(0, size - len(taken))
        if not chunk:
            sys.exit("the connection ended before the worker had arrived")
        taken += chunk
    return taken


def main(size: int, path: str, limit: float) -> int:
    """Keep workers running with nothing but the archive and the standard library; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="sslspec-") as folder:
        zipfile.ZipFile(io.BytesIO(archive(size))).extractall(folder)
        sys.path.insert(0, folder)
        from sslspec.adapters.worker.supervisor import supervise  # noqa: PLC0415  # it has just arrived

        return supervise(folder, path, limit)


sys.exit(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))

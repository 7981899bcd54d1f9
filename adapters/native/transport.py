"""How two connections of one process reach each other: through memory, or through a pair of sockets where a library wants descriptors."""

from __future__ import annotations

import socket
from ctypes import byref, c_void_p
from typing import TYPE_CHECKING

from sslspec.adapters.native.calls import Calls

if TYPE_CHECKING:
    from sslspec.adapters.interface import Connection

BIO_C_SHUTDOWN_WR = 142


class Transport(Calls):
    """The driver's middle: joins two connections and takes them apart."""

    def hang_up(self, connection: Connection) -> None:
        """See interface.Adapter."""
        conn = self._connections[connection]
        if conn.socket:
            end = conn.socket
            self._call("shutdown", (f"socket of {connection}", "SHUT_WR"), lambda: end.shutdown(socket.SHUT_WR))
        else:
            self._call("BIO_shutdown_wr", (f"BIO of {connection}",), lambda: self._api["BIO_ctrl"](conn.bio, BIO_C_SHUTDOWN_WR, 0, None))

    def _join(self, client: Connection, server: Connection) -> None:
        ends = ((client, server), (server, client))
        for name, peer in ends:
            conn = self._connections[name]
            conn.peer, conn.finished, conn.failed = peer, False, ""
        if self._api.family.sockets:
            self._join_by_sockets(client, server)
        else:
            self._join_by_bios(client, server)

    def _join_by_bios(self, client: Connection, server: Connection) -> None:
        ends = c_void_p(), c_void_p()
        names = f"BIO of {client}", f"BIO of {server}"
        self._call("BIO_new_bio_pair", names, lambda: self._api["BIO_new_bio_pair"](byref(ends[0]), 0, byref(ends[1]), 0))
        for name, bio in zip((client, server), ends, strict=True):
            self._connections[name].bio = pointer = bio.value or 0
            self._on_connection("SSL_set_bio", name, pointer, pointer, shown=f"BIO of {name}")

    def _join_by_sockets(self, client: Connection, server: Connection) -> None:
        names = f"socket of {client}", f"socket of {server}"
        for name, end in zip((client, server), self._call("socketpair", names, socket.socketpair), strict=True):
            end.setblocking(False)  # noqa: FBT003  # the socket's own signature
            self._connections[name].socket = end
            self._on_connection("SSL_set_fd", name, end.fileno(), shown=f"socket of {name}", show=int)

"""A door on loopback that leads to another port, and that a test can keep closed."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Door:
    """Connections to `port` are led to `target`.

    Attributes:
        port: Where it is.
        target: The port that it leads to; may be changed.
        hangs: Whether connections are accepted and nothing is answered.
    """

    def __init__(self, target: int = 0) -> None:
        self.target, self.hangs = target, False
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """No more connections."""
        self._socket.close()
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(inner)
            if self.hangs:
                continue
            try:
                outer = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                inner.close()
                continue
            outer.settimeout(None)
            for one, other in ((inner, outer), (outer, inner)):
                threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

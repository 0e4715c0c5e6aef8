"""Ports for servers that a test starts: nobody else on this machine is given one meanwhile."""

from __future__ import annotations

import socket
from functools import cache


class Port:
    """A port of the loopback interface, taken for as long as this value lives: the system gives it to nobody who asks
    for any port, nor to a connection; a server that names it may listen on it (SO_REUSEADDR, which servers set).
    """

    def __init__(self) -> None:
        self._taken = _bound(0)
        self.number = int(self._taken.getsockname()[1])
        if not _can_be_shared():
            self._taken.close()


def _bound(number: int) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", number))
    return made


@cache
def _can_be_shared() -> bool:
    """Whether this system lets a server listen on what is bound already; where it does not, ports are let go of."""
    with _bound(0) as taken:
        try:
            with _bound(taken.getsockname()[1]) as server:
                server.listen()
        except OSError:
            return False
    return True

"""Free ports of the loopback interface, and who answers there."""

import atexit
import errno
import random
import socket
from collections import deque
from typing import Final

LOOPBACK: Final = "127.0.0.1"
# Below the range from which systems take the ports of outgoing connections (32768 on Linux, 49152 on macOS): a client
# that reconnects to a port of that range, while nobody listens there, can end up connected to itself and keep it.
_RANGE: Final = range(20_000, 32_768)
_ATTEMPTS: Final = 100
_CLAIMS: Final = dict[int, socket.socket]()
_LENT: Final = deque[int]()
_MOST_LENT: Final = 128


def free_port() -> int:
    """A port that nobody listens on, and that nobody else who asks here is given, in this process or another.

    It is claimed until 128 others were given, by when a server listens there. A program that is not ours may still
    take it first, so a server must say who it is.
    """
    for port in random.sample(_RANGE, _ATTEMPTS):
        if port not in _CLAIMS and _is_free(port) and _claim(port):
            _LENT.append(port)
            if len(_LENT) > _MOST_LENT:
                _CLAIMS.pop(_LENT.popleft()).close()
            return port
    raise OSError(errno.EADDRINUSE, f"no free port among {_ATTEMPTS} from {_RANGE.start} to {_RANGE.stop - 1}")


def port_if_free(usual: int) -> int:
    """``usual``, so that an address stays what it was from run to run; another one while somebody has it.

    It is claimed for as long as this process lives.
    """
    if not (_is_free(usual) and (usual in _CLAIMS or _claim(usual))):
        return free_port()
    if usual in _LENT:
        _LENT.remove(usual)
    return usual


def _claim(port: int) -> bool:
    """Take the UDP port of that number for it: two that begin at once both find it free before either listens."""
    claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        claim.bind((LOOPBACK, port))
    except OSError:
        claim.close()
        return False
    _CLAIMS[port] = claim
    return True


@atexit.register
def _release() -> None:
    while _CLAIMS:
        _CLAIMS.popitem()[1].close()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True

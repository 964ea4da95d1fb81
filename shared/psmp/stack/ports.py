"""Free ports of the loopback interface, and who answers there."""

import atexit
import errno
import random
import socket
from typing import Final

LOOPBACK: Final = "127.0.0.1"
# Below the range from which systems take the ports of outgoing connections (32768 on Linux, 49152 on macOS): a client
# that reconnects to a port of that range, while nobody listens there, can end up connected to itself and keep it.
_RANGE: Final = range(20_000, 32_768)
_ATTEMPTS: Final = 100
_CLAIMS: Final = dict[int, socket.socket]()


def free_port() -> int:
    """A port that nobody listens on. Another process may still take it first, so a server must say who it is."""
    for port in random.sample(_RANGE, _ATTEMPTS):
        if _is_free(port):
            return port
    raise OSError(errno.EADDRINUSE, f"no free port among {_ATTEMPTS} from {_RANGE.start} to {_RANGE.stop - 1}")


def port_if_free(usual: int) -> int:
    """``usual``, so that an address stays what it was from run to run; another one while somebody has it.

    Two that begin at once both find it free before either listens. So whoever gets it claims it, by the UDP port of
    that number, for as long as this process lives.
    """
    return usual if _is_free(usual) and _claim(usual) else free_port()


def _claim(port: int) -> bool:
    if port not in _CLAIMS:
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind((LOOPBACK, port))
        except OSError:
            claim.close()
            return False
        _CLAIMS[port] = claim
        atexit.register(claim.close)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True

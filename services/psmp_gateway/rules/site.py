"""The site as browsers know it: its address, its cookies, and whether a request comes from its own pages. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from psmp_gateway.rules.trust import is_loopback

API: Final = "/api/v1"
"""Where the API begins."""

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

_SESSION: Final = "psmp_session"
_LOGIN: Final = "psmp_login"
_OURS: Final = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Site:
    """The site at ``public_url``; without one it is wherever the request says that it is."""

    public_url: str | None = None

    def origin(self, host: str) -> str:
        """Where it is: scheme, host and port."""
        if self.public_url:
            parts = urlsplit(self.public_url)
            return f"{parts.scheme}://{parts.netloc}".lower()
        return f"{'http' if _is_near(host) else 'https'}://{host}".lower()

    def secure(self, host: str) -> bool:
        """Whether its cookies go over TLS alone: everywhere but on this very machine."""
        return self.origin(host).startswith("https:")

    def session_cookie(self, host: str) -> str:
        """What the cookie of a session is called."""
        return self._called(_SESSION, host)

    def login_cookie(self, host: str) -> str:
        """What the cookie is called that lasts while somebody signs in."""
        return self._called(_LOGIN, host)

    def _called(self, name: str, host: str) -> str:
        # `__Host-`: no other host can have set it. On one machine cookies do not know ports, so the name says it.
        return f"__Host-{name}" if self.secure(host) else f"{name}_{host.rpartition(':')[2]}"

    def is_ours(self, origin: str, host: str) -> bool:
        """Whether a page of that origin is one of ours."""
        return origin.lower() == self.origin(host)

    def sent_by_us(self, headers: Mapping[str, str]) -> bool:
        """Whether a browser says that a page of ours sent the request. One that says nothing of it is none of today."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if origin is not None:
            return self.is_ours(origin, host)
        return headers.get("sec-fetch-site") in _OURS


def _is_near(host: str) -> bool:
    return is_loopback(urlsplit(f"//{host}").hostname or "")


def within(path: str | None) -> str:
    """Where to go after signing in: a path of ours, whatever was asked for."""
    if path is None or not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return "/"
    return path

"""Who may log in to one development stack, with passwords that are made for it.

`NatsServer` takes ``conf``, ``includes`` and ``env``; everybody else gets a `Login`, and its address from
`NatsServer.url_for`.
"""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from psmp.stack import tenants
from psmp.stack.nats_server import Login
from psmp.wire.assets import SERVICES

OPTIONAL: Final = ("webhooks",)
"""Services that run only where somebody has configured them."""

SETUP: Final = "setup"
READER: Final = "operator"
RESTORE: Final = "restore"
RETENTION: Final = "retention"

APART: Final = (SETUP, READER, RESTORE, RETENTION)
"""Who is no service: people, and what they run."""

TENANTS_CONF: Final = "deploy/tenants.conf"
"""The path by which nats.conf includes the tenants' accounts."""

_NATS_CONF: Final = Path(__file__).with_name("nats.conf")


class Identities:
    """Every user of one server with its password.

    Invariant: a user's password never changes, and what was once allowed stays so.
    """

    def __init__(self, agents: Mapping[str, Sequence[str]] | None = None) -> None:
        """``agents`` by tenant; the tenant ``default`` is always there. Raises ValueError for what cannot be an id."""
        self._agents: dict[str, tuple[str, ...]] = {"default": ()}
        self._passwords: dict[str, str] = {}
        for tenant, names in (agents or {}).items():
            self.add(tenant, *names)

    def add(self, tenant: str, *agents: str) -> None:
        """Let a tenant, or more agents of one, log in; raises ValueError for what cannot be an id.

        A running server knows of it when it finds ``includes`` in its files and is told to reload (SIGHUP).
        """
        more = {**self._agents, tenant: tuple(dict.fromkeys((*self._agents.get(tenant, ()), *agents)))}
        tenants.tenants_conf(more.items(), tenants.from_environment)
        self._agents = more

    @property
    def conf(self) -> str:
        """The server's configuration, the same for development and production."""
        return _NATS_CONF.read_text()

    @property
    def includes(self) -> dict[str, str]:
        """What the configuration includes, by path. It has passwords in it: nobody else may read the files."""
        text = tenants.tenants_conf(self._agents.items(), lambda name: tenants.literal(self._password(name)))
        return {TENANTS_CONF: text}

    @property
    def env(self) -> dict[str, str]:
        """The passwords that the configuration reads from the environment."""
        return {tenants.variable(name): self._password(name) for name in (*SERVICES, *OPTIONAL, *APART)}

    def service(self, name: str) -> Login:
        """A service, or one of those ``APART``: SETUP makes streams, READER reads everything and runs it."""
        return self._login(name)

    def tenant(self, tenant: str = "default") -> Login:
        """Who speaks as any agent of ``tenant``."""
        return self._login(tenants.user(tenant, tenants.OPERATOR))

    def dashboard(self, tenant: str = "default") -> Login:
        """Who only watches the events of ``tenant``."""
        return self._login(tenants.user(tenant, tenants.DASHBOARD))

    def agent(self, agent: str, tenant: str = "default") -> Login:
        """One agent of ``tenant``."""
        return self._login(tenants.user(tenant, agent))

    def _login(self, name: str) -> Login:
        return Login(name, self._password(name))

    def _password(self, name: str) -> str:
        # A letter first, then letters and digits: it reads the same in configurations, shells and URLs.
        return self._passwords.setdefault(name, f"p{secrets.token_hex(20)}")

"""What nats-server is told of tenants: one account for each, whose users can speak in no name but their own.

`nats.conf` includes this text. A tenant's account bears the tenant's id, for that is what lets it import the subjects
that carry this id and no others. Users are called ``<tenant>.<agent>``. Two more have names that no agent can have:
``<tenant>._operator`` speaks as any agent of the tenant (people, the command line), ``<tenant>._dashboard``
watches events and says nothing.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from psmp.words import subjects
from psmp.words.ids import OWN_AGENTS, SYSTEM

OPERATOR: Final = "_operator"
DASHBOARD: Final = "_dashboard"

Passwords = Callable[[str], str]
"""The password of a user as it is to be written down: made by `from_environment` or `literal`."""

_LARGEST_MESSAGE: Final = "320KB"
"""A graph of agents is the largest; everything else that an agent says is far smaller, or refused."""
_RESERVED: Final = frozenset({"psmp", "sys", SYSTEM.tenant})
_LITERAL: Final = re.compile(r"[!-~]+")

_HEADER: Final = """\
# The tenants' accounts, included by nats.conf. Made by psmp.stack.tenants: change what makes it, not this text.
"""


def tenants_conf(tenants: Iterable[tuple[str, Sequence[str]]], password: Passwords) -> str:
    """The whole file that nats.conf includes, for tenants with their agents; raises ValueError as `tenant_account`."""
    listed = tuple(tenants)
    _check_distinct([user(tenant, agent) for tenant, agents in listed for agent in (OPERATOR, DASHBOARD, *agents)])
    return "\n".join((_HEADER, *(tenant_account(tenant, agents, password) for tenant, agents in listed)))


def tenant_account(tenant: str, agents: Sequence[str], password: Passwords) -> str:
    """The account of one tenant; raises ValueError for a name that cannot be one, or that is too much like another."""
    _check(tenant, agents)
    users = (_operator(tenant, password), _dashboard(tenant, password), *(_agent(tenant, a, password) for a in agents))
    return _account(tenant, "".join(users))


def empty_account(tenant: str, users: Sequence[str]) -> str:
    """The account of a tenant with nobody in it but ``users``, as lines; raises as `tenant_account`."""
    _check(tenant, ())
    return _account(tenant, "".join(f"{each}\n" for each in users))


def _account(tenant: str, users: str) -> str:
    return f"""\
"{tenant}" {{
  limits {{ max_payload: {_LARGEST_MESSAGE} }}
  imports: [
    {{ service: {{ account: PSMP, subject: "psmp.cmd.{tenant}.>" }} }}
    {{ service: {{ account: PSMP, subject: "psmp.qry.{tenant}.>" }} }}
    {{ service: {{ account: PSMP, subject: "psmp.hb.{tenant}.>" }} }}
    {{ stream: {{ account: PSMP, subject: "psmp.out.{tenant}.>" }} }}
    {{ stream: {{ account: PSMP, subject: "psmp.evt.{tenant}.>" }} }}
    {{ stream: {{ account: PSMP, subject: "psmp.live.{tenant}.>" }} }}
    {{ stream: {{ account: PSMP, subject: "psmp.task.{tenant}.>" }} }}
    {{ stream: {{ account: PSMP, subject: "psmp.dispatch.{tenant}.>" }} }}
  ]
  users: [
{users}  ]
}}
"""


def user(tenant: str, agent: str) -> str:
    """What an agent, or one of the two that are none, is called when it logs in."""
    return f"{tenant}.{agent}"


def variable(name: str) -> str:
    """The environment variable for the password of the user ``name``."""
    return f"PSMP_{re.sub(r'[^A-Z0-9]', '_', name.upper())}_PASSWORD"


def from_environment(name: str) -> str:
    """Leaves the password of the user ``name`` to the server's environment."""
    return f"${variable(name)}"


def literal(password: str) -> str:
    """A password, or the bcrypt hash of one, as text; raises ValueError when it has more than printable ASCII."""
    if not _LITERAL.fullmatch(password) or '"' in password or "\\" in password:
        raise ValueError("a password in the configuration is printable ASCII without quotes and backslashes")
    return f'"{password}"'


def _operator(tenant: str, password: Passwords) -> str:
    return _user(
        user(tenant, OPERATOR),
        password,
        publish=(
            f"psmp.cmd.{tenant}.*.*.*.*",
            f"psmp.cmd.{tenant}.*.*.*.*.privileged",
            f"psmp.qry.{tenant}.*.*",
            f"psmp.hb.{tenant}.*.*",
        ),
        subscribe=(
            f"psmp.out.{tenant}.>",
            *_watched(tenant),
            f"psmp.task.{tenant}.>",
            f"psmp.dispatch.{tenant}.>",
            "_INBOX.>",
        ),
    )


def _dashboard(tenant: str, password: Passwords) -> str:
    return _user(user(tenant, DASHBOARD), password, publish=(), subscribe=_watched(tenant))


def _agent(tenant: str, agent: str, password: Passwords) -> str:
    return _user(
        user(tenant, agent),
        password,
        publish=(f"psmp.cmd.{tenant}.*.{agent}.*.*", f"psmp.qry.{tenant}.{agent}.*", f"psmp.hb.{tenant}.*.{agent}"),
        deny=(f"psmp.cmd.{tenant}.*.{agent}.webhook.*",),
        subscribe=(
            *(f"psmp.out.{tenant}.{agent}.>", *_watched(tenant)),
            *(f"psmp.task.{tenant}.*.{agent}", f"psmp.dispatch.{tenant}.*.{agent}", f"{subjects.inbox(agent)}.>"),
        ),
    )


def _watched(tenant: str) -> tuple[str, ...]:
    """What everybody of a tenant may watch."""
    return f"psmp.evt.{tenant}.>", f"psmp.live.{tenant}.>"


def _user(
    name: str, password: Passwords, *, publish: Sequence[str], subscribe: Sequence[str], deny: Sequence[str] = ()
) -> str:
    # An empty list of what is allowed would forbid nothing.
    allowed = f"[{quoted(publish)}]" if publish else '{ deny: ">" }'
    if deny:
        allowed = f"{{ allow: {allowed}, deny: [{quoted(deny)}] }}"
    return f"""\
    {{
      user: "{name}", password: {password(name)}
      permissions: {{
        publish: {allowed}
        subscribe: [{quoted(subscribe)}]
      }}
    }}
"""


def quoted(names: Sequence[str]) -> str:
    """Names as a list in the configuration has them."""
    return ", ".join(f'"{name}"' for name in names)


def _check(tenant: str, agents: Sequence[str]) -> None:
    if not subjects.is_id(tenant) or tenant.lower() in _RESERVED:
        raise ValueError(f"{tenant!r} cannot be a tenant's id")
    for agent in agents:
        if not subjects.is_id(agent) or agent.startswith(OWN_AGENTS):
            raise ValueError(f"{agent!r} cannot be an agent's id")
    _check_distinct([user(tenant, agent) for agent in (OPERATOR, DASHBOARD, *agents)])


def _check_distinct(users: Sequence[str]) -> None:
    """Users whose passwords would be one variable are one user to the environment, and look like one to people."""
    found: dict[str, str] = {}
    for name in users:
        other = found.setdefault(variable(name), name)
        if other is not name:
            raise ValueError(f"{name} and {other} are told apart by nothing but case, dashes or dots")

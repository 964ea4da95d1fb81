"""The NATS users of keys, in the file of the tenants' accounts that nats.conf includes.

A server knows them by public keys, so there is no secret in what is written here. What a key may send on NATS is what
its role may send over HTTP, in its own agent's name and no other. A key that is for some projects only has no NATS
user: questions name the project in their body, where the broker does not look.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from psmp.stack import tenants
from psmp.words import subjects
from psmp.words.api_keys import ENTITIES, ApiKey

_MARK: Final = "    # key "
_END: Final = "    }"
_USERS: Final = "  users: ["
_USERS_END: Final = "  ]"


def has_user(key: ApiKey, now: datetime) -> bool:
    """Whether the key opens NATS at that time."""
    return key.nkey is not None and key.is_good(now)


def keyed(text: str, keys: Iterable[ApiKey], now: datetime) -> str:
    """The file ``text`` of the tenants' accounts with the users of these keys, instead of those it had before."""
    wanted: dict[str, list[ApiKey]] = {}
    for key in sorted(keys, key=lambda each: (each.created, each.name)):
        if has_user(key, now):
            wanted.setdefault(key.tenant, []).append(key)
    lines: list[str] = []
    account, within = "", False
    for line in _without_keys(text):
        if line.startswith('"'):
            account = line.split('"')[1]
        within = within or line == _USERS
        if within and line == _USERS_END:
            lines += [each for key in wanted.pop(account, ()) for each in _user(key)]
            within = False
        lines.append(line)
    for tenant, theirs in wanted.items():
        lines += ["", *tenants.empty_account(tenant, [each for key in theirs for each in _user(key)]).splitlines()]
    return "\n".join(lines) + "\n"


def accounts(text: str) -> frozenset[str]:
    """The tenants that have an account in a file of them."""
    return frozenset(line.split('"')[1] for line in text.splitlines() if line.startswith('"'))


def _without_keys(text: str) -> Iterable[str]:
    skipping = False
    for line in text.splitlines():
        skipping = skipping or line.startswith(_MARK)
        if not skipping:
            yield line
        skipping = skipping and line != _END


def _user(key: ApiKey) -> Sequence[str]:
    publish, subscribe = rights(key)
    return (
        f"{_MARK}{key.name} of {key.agent}, {key.role}, until {key.expires:%Y-%m-%d}",
        "    {",
        f'      nkey: "{key.nkey}"',
        "      permissions: {",
        f"        publish: [{tenants.quoted(publish)}]",
        f"        subscribe: [{tenants.quoted(subscribe)}]",
        "      }",
        _END,
    )


def rights(key: ApiKey) -> tuple[Sequence[str], Sequence[str]]:
    """Where the user of a key may publish, and what it may hear."""
    tenant, agent = key.tenant, key.agent
    sent = [f"psmp.cmd.{tenant}.*.{agent}.{entity}.*" for entity in ENTITIES[key.role]]
    sent += [f"{each}.privileged" for each in sent] if key.privileged else []
    beats = [f"psmp.hb.{tenant}.*.{agent}"] if "slot" in ENTITIES[key.role] else []
    heard = (
        *(f"psmp.out.{tenant}.{agent}.>", f"psmp.evt.{tenant}.>", f"psmp.live.{tenant}.>"),
        *(f"psmp.task.{tenant}.*.{agent}", f"{subjects.inbox(agent)}.>"),
    )
    return (*sent, f"psmp.qry.{tenant}.{agent}.*", *beats), heard

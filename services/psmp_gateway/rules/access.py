"""Who may do what over HTTP: what a key's role permits, which projects it sees. What is not permitted is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from psmp.words.api_keys import ApiKey, Role


class Permission(StrEnum):
    """What a route asks of whoever calls it."""

    READ = "read"
    DECLARE = "declare"
    RESOLVE = "resolve"
    GOVERN = "govern"
    OPERATE = "operate"
    INSPECT = "inspect"
    SPEAK_AS_OTHERS = "speak-as-others"


PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.VIEWER: frozenset({Permission.READ}),
        Role.AGENT: frozenset({Permission.READ, Permission.DECLARE, Permission.RESOLVE}),
        Role.RESOLVER: frozenset({Permission.READ, Permission.RESOLVE}),
        Role.OPERATOR: frozenset({Permission.READ, Permission.GOVERN, Permission.OPERATE, Permission.INSPECT}),
        Role.AUDITOR: frozenset({Permission.READ, Permission.INSPECT}),
        Role.ADMIN: frozenset(Permission),
    }
)
"""The whole of it. The rules of the project come on top: a command is refused there whoever sent it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the key that was shown, and the agent that it speaks as, which is the key's own unless said."""

    key: ApiKey
    agent: str

    @property
    def tenant(self) -> str:
        """Whose projects the caller sees."""
        return self.key.tenant

    def may(self, permission: Permission) -> bool:
        """Whether the key's role permits it."""
        return permission in PERMISSIONS[self.key.role]

    def sees(self, project: str) -> bool:
        """Whether the key is for that project."""
        return self.key.projects is None or project in self.key.projects

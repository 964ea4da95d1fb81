"""Webhooks of a tenant: how their address is spelled, what they can be told, and how their secret is named. Pure."""

import re
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from psmp.words.ids import ProjectKey

TENANT: Final = "psmp_tenant"
"""The project in which a tenant has what concerns all its projects: in its log stand its webhooks, and nothing else."""

FOUNDED: Final = "What concerns the whole tenant"
"""What that project is called."""

MOST: Final = 50
"""So many webhooks a tenant may have."""

OVERLAP: Final = 86_400
"""Seconds that the old secret goes on beside a new one, unless something else is said."""

_LABEL: Final = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_PORT: Final = "(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_URL: Final = rf'^https?://{_LABEL}(?:\.{_LABEL}){{0,30}}(?::{_PORT})?(?:/[!"$-~]*)?$'

Url = Annotated[str, StringConstraints(max_length=2000, pattern=_URL)]
"""An address of a host by its name, with neither user, password nor fragment. Everybody in the tenant can read it."""

Kind = Annotated[str, StringConstraints(pattern=r"^(?:alert|conflict|project|task)\.(?:\*|[a-z]{1,40})$")]
"""Events that a webhook is told: all of an entity, or of one kind."""

Kinds = Annotated[tuple[Kind, ...], Field(min_length=1, max_length=20)]

ALERTS: Final = ("alert.*",)
"""What a webhook is told of unless something else is said."""


def is_safe(url: str) -> bool:
    """Whether what is sent there goes over TLS."""
    return re.match(r"https://", url) is not None


def place(tenant: str) -> ProjectKey:
    """Where the webhooks of a tenant stand."""
    return ProjectKey(tenant, TENANT)

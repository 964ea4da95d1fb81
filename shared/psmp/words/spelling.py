"""How ids, and the subjects of a question, are spelled. Nothing of this takes time to load: a hook has none."""

import re
from typing import Final

ID_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
SYSTEM_TENANT: Final = "psmp"
"""The tenant of the deployment itself."""

_ID: Final = re.compile(ID_PATTERN.removesuffix("$") + r"\Z")


def is_id(token: str) -> bool:
    """Whether ``token`` is a tenant, project or agent id."""
    return _ID.match(token) is not None


def question(tenant: str, agent: str, kind: str) -> str:
    """Where ``agent`` asks keeper (``status``, ...), audit (``checkpoint``) or sender (``webhooks``, ``secret``)."""
    return f"psmp.qry.{tenant}.{agent}.{kind}"


def inbox(agent: str) -> str:
    """The prefix of the subjects on which answers reach ``agent``'s connection, and nobody else's."""
    return f"_INBOX.{agent}"

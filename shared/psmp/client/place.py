"""Where the client goes and who it is there: what the caller says, the environment, or a running ``psmp dev``."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from psmp.client.arguments import identity
from psmp.client.errors import Invalid
from psmp.wire import nkeys
from psmp.wire.announced import running_dev
from psmp.wire.connection import Address
from psmp.words.api_keys import name_of
from psmp.words.strict import Fault

DEFAULT_TENANT: Final = "default"


@dataclass(frozen=True, slots=True)
class Place:
    """One identity at one address, and the file where the receipts of what it does are kept."""

    address: Address
    tenant: str
    agent: str
    receipts: Path | None = None


def locate(
    environment: Mapping[str, str],
    *,
    url: str | None = None,
    tenant: str | None = None,
    agent: str | None = None,
    credentials: str | Path | None = None,
    ca: str | Path | None = None,
    receipts: str | Path | None = None,
    key: str | None = None,
) -> Place:
    """The place to connect to. Raises ``Invalid`` when something is missing, saying how to give it."""
    url = url or environment.get("PSMP_URL")
    dev = {} if url else running_dev(environment)
    url = url or dev.get("url")
    if not url:
        raise Invalid([Fault("/url", "no address: pass url=, set PSMP_URL, or start a stack with `psmp dev`")])
    agent = agent or environment.get("PSMP_AGENT") or dev.get("agent")
    if not agent:
        raise Invalid([Fault("/agent", "nobody to speak as: pass agent= or set PSMP_AGENT")])
    key = key or environment.get("PSMP_KEY")
    if key:
        key, url = _key(key), _without_login(url)
    tenant = tenant or environment.get("PSMP_TENANT") or dev.get("tenant") or DEFAULT_TENANT
    address = Address(
        url,
        None if key else _path(credentials or environment.get("PSMP_CREDENTIALS")),
        _path(ca or environment.get("PSMP_CA")),
        key or None,
    )
    kept = _path(receipts or environment.get("PSMP_RECEIPTS"))
    return Place(address, identity("tenant", tenant), identity("agent", agent), kept)


def check(address: Address) -> None:
    """Raises ``Invalid`` unless the files that ``address`` names are there, and what reads them is installed."""
    named = {"/credentials": address.credentials, "/ca": address.ca}
    faults = [Fault(place, f"there is no file {path}") for place, path in named.items() if path and not path.is_file()]
    if address.credentials and find_spec("nkeys") is None:
        faults.append(Fault("/credentials", "nkeys, which reads such files, is not installed: pip install nkeys"))
    if address.key and not nkeys.can_sign():
        faults.append(Fault("/key", f"{nkeys.SIGNS}, which signs, is not installed: pip install {nkeys.SIGNS}"))
    if faults:
        raise Invalid(faults)


def _key(text: str) -> str:
    """A key as it was given, without what a file puts around it."""
    text = text.strip()
    if name_of(text) is None:
        raise Invalid([Fault("/key", "this is no key: psmp key create prints one, as psmp_<name>_<secret>")])
    return text


def _without_login(url: str) -> str:
    """The address without whoever else logs in there."""
    scheme, found, rest = url.rpartition("://")
    return f"{scheme}{found}{rest.rpartition('@')[2]}"


def _path(value: str | Path | None) -> Path | None:
    return Path(value).expanduser() if value else None

"""Where a webhook may go: to addresses of the open internet, unless its endpoint allows others. Pure."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address


class Forbidden(ValueError):
    """A host has an address that must not be connected to."""


def checked(host: str, found: Sequence[str], *, allow_private: bool) -> tuple[str, ...]:
    """The addresses of ``host``, all of which may be connected to; raises ``Forbidden`` when a single one may not.

    A host with one address outside and one inside is as suspicious as one that is inside altogether.
    """
    if not found:
        raise Forbidden(f"{host} has no address")
    closed = () if allow_private else [text for text in found if not is_open(text)]
    if closed:
        raise Forbidden(f"{host} is {closed[0]}, no address of the open internet; allow_private lets it be so")
    return tuple(found)


def is_open(text: str) -> bool:
    """Whether an address is of the open internet, and stands for no other.

    IPv6 addresses that stand for IPv4 ones by mapping (``::ffff:0:0/96``) or by NAT64 (``64:ff9b::/96``) are reserved;
    6to4 (``2002::/16``) is out of use (RFC 7526), and Python's releases differ in what they say of it.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.sixtofour is not None:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)

"""Sealing: AES-256-GCM (NIST SP 800-38D) under a key of one subject in one project. Nonces come from the caller."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from psmp.words import sealed
from psmp.words.ids import ProjectKey
from psmp.words.sealed import ERASED, Token

SECRET_BYTES: Final = 32
NONCE_BYTES: Final = 12


class Key(NamedTuple):
    """The key that all sealed texts of ``subject`` in a project stand under; ``id`` is public, ``secret`` is not."""

    project: ProjectKey
    subject: str
    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"<key {self.id} of {self.subject} in {self.project}>"


Name = tuple[str, str, str]
"""Names a key within a tenant: project, subject, and the key's id."""


def seal(key: Key, field: str, text: str, nonce: bytes) -> str:
    """``text`` as it may be stored; ``nonce`` must never serve twice under one key."""
    token = Token(key.project.project, key.subject, field, key.id, "")
    ciphertext = AESGCM(key.secret).encrypt(nonce, text.encode(), _bound_to(key.project.tenant, token))
    return str(token._replace(text=urlsafe_b64encode(nonce + ciphertext).rstrip(b"=").decode()))


def unseal(tenant: str, token: Token, keys: Mapping[Name, bytes]) -> str:
    """What was sealed, ``[erased]`` where there is no key for it (any more), or where it was altered."""
    secret = keys.get((token.project, token.subject, token.key))
    if secret is None:
        return ERASED
    try:
        raw = urlsafe_b64decode(token.text + "=" * (-len(token.text) % 4))
        nonce, ciphertext = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
        return AESGCM(secret).decrypt(nonce, ciphertext, _bound_to(tenant, token)).decode()
    except (InvalidTag, ValueError):
        return ERASED


def opened(tenant: str, text: str, keys: Mapping[Name, bytes]) -> str:
    """``text`` with every sealed text in it opened, or erased."""
    return sealed.replaced(text, lambda token: unseal(tenant, token, keys))


def _bound_to(tenant: str, token: Token) -> bytes:
    """What a ciphertext is bound to: moved anywhere else, or said to be another's, it does not open."""
    return "/".join((tenant, *token[:-1])).encode()

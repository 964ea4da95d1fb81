"""What the webhook sender needs to know besides what every service does."""

from pydantic import FilePath, field_validator

from psmp.service.settings import Settings
from psmp.wire.webhooks import keys_of


class WebhooksSettings(Settings):
    """``webhooks_file`` names receivers of the operator's, besides the webhooks that tenants have themselves.

    ``webhook_keys`` is a file of keys in base64, one a line, that the secrets of tenants' webhooks are made with, the
    newest first. ``webhooks_allow_http`` and ``webhooks_allow_private`` let these go without TLS, and to addresses
    inside.
    """

    webhooks_file: FilePath | None = None
    webhook_keys: FilePath | None = None
    webhooks_allow_http: bool = False
    webhooks_allow_private: bool = False

    @field_validator("webhook_keys")
    @classmethod
    def _has_keys(cls, path: FilePath | None) -> FilePath | None:
        if path is not None:
            _keys(path)
        return path

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys, the newest first; none where there is no file of them."""
        return _keys(self.webhook_keys) if self.webhook_keys is not None else ()


def _keys(path: FilePath) -> tuple[bytes, ...]:
    try:
        found = keys_of(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # neither is to say what stands there
        raise ValueError(f"{path} is no file of keys: each line is 24 to 64 random bytes in base64") from None
    if not found:
        raise ValueError(f"{path} has no key")
    return found

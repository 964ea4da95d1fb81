"""For who receives webhooks: whether one is genuine."""

from psmp.wire.webhooks import NotGenuine, verify

__all__ = ["NotGenuine", "verify"]

"""What the webhook sender needs to know besides what every service does."""

from pydantic import FilePath

from psmp.service.settings import Settings


class WebhooksSettings(Settings):
    """``webhooks_file`` says who wants to know what."""

    webhooks_file: FilePath

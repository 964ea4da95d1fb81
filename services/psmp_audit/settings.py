"""What the audit writer needs to know besides what every service does that writes to Postgres."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, FilePath

from psmp.ledger.origins import HERE
from psmp.service.settings import Deployment, StoreSettings

AGE: Final = 0.65
"""Seconds that a change waits for its checkpoint, so that more comes under it. The rest of 1 s is for making it."""


class AuditSettings(StoreSettings):
    """No record waits for its checkpoint for longer than ``checkpoint_seconds``, nor do ``checkpoint_records`` of them.

    ``witnesses`` are addresses, parted by commas, and ``witness_keys`` the file of their public keys. What is signed is
    also written to ``checkpoint_file``, one JSON string a line. ``log_keys`` is a file of public keys: with it, only
    checkpoints are believed at the start that a ``log`` key in it has signed.
    """

    deployment: Deployment = HERE
    checkpoint_file: Path | None = None
    checkpoint_seconds: Annotated[float, Field(gt=0, le=3600)] = AGE
    checkpoint_records: Annotated[int, Field(gt=0)] = 256
    witnesses: Annotated[str, Field(pattern=r"^(https?://[^\s,]+(,https?://[^\s,]+)*)?$")] = ""
    witness_keys: FilePath | None = None
    log_keys: FilePath | None = None

    @property
    def witness_urls(self) -> tuple[str, ...]:
        """The witnesses' addresses."""
        return tuple(dict.fromkeys(each.rstrip("/") for each in self.witnesses.split(",") if each))

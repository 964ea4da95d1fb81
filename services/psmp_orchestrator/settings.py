"""What the orchestrator needs to know besides what every service does: the key that signs tokens, and their time."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, FilePath, ValidationInfo, field_validator

from psmp.ledger import origins
from psmp.ledger.keys import Use, read_private
from psmp.ledger.notes import Signer
from psmp.service.settings import Deployment, Settings


class OrchestratorSettings(Settings):
    """``dispatch_keys`` is a file of private keys; the first ``dispatch`` key in it signs new tokens.

    ``token_seconds`` is how long a token counts. While a key is replaced the old one stands behind the new one.
    """

    deployment: Deployment = origins.HERE
    dispatch_keys: FilePath
    token_seconds: Annotated[int, Field(ge=1, le=86_400)] = 900

    @field_validator("dispatch_keys")
    @classmethod
    def _has_keys(cls, path: FilePath, told: ValidationInfo) -> FilePath:
        if "deployment" in told.data:
            _signers(path, told.data["deployment"])
        return path

    @property
    def signers(self) -> tuple[Signer, ...]:
        """The keys, the one that signs new tokens first."""
        return _signers(self.dispatch_keys, self.deployment)


def _signers(path: Path, deployment: str) -> tuple[Signer, ...]:
    try:
        found = read_private(path.read_text(encoding="utf-8").splitlines())[Use.DISPATCH]
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # neither says more than the line's number
        raise ValueError(f"{path} is no file of private keys: {error}") from None
    name = origins.dispatches(deployment)
    if not found or any(each.name != name for each in found):
        make = f"psmp signing-key make dispatch {name} --file {path}"
        raise ValueError(f"{path} must have a dispatch key, and all must be named {name}: {make}")
    return found

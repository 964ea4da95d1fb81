"""What the signer needs to know besides what every service does."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, FilePath

from psmp.ledger.origins import DEPLOYMENT, HERE
from psmp.service.settings import Settings


class SignerSettings(Settings):
    """``signer_keys`` is the file of private keys, for log and statement; ``signer_state`` nobody else's folder."""

    deployment: Annotated[str, Field(pattern=DEPLOYMENT.pattern.replace(r"\Z", "$"))] = HERE
    signer_keys: FilePath
    signer_state: Path

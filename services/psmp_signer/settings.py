"""What the signer needs to know besides what every service does."""

from pathlib import Path

from pydantic import FilePath

from psmp.ledger.origins import HERE
from psmp.service.settings import Deployment, Settings


class SignerSettings(Settings):
    """``signer_keys`` is the file of private keys, for log and statement; ``signer_state`` nobody else's folder."""

    deployment: Deployment = HERE
    signer_keys: FilePath
    signer_state: Path

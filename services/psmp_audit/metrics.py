"""What the audit writer counts and measures besides what every service does."""

from typing import Final

from prometheus_client import Counter, Gauge

WAIT: Final = Gauge("psmp_checkpoint_wait_seconds", "For how long the oldest record without a checkpoint has waited.")
AWAY: Final = Gauge("psmp_witness_away", "1 while a witness does not cosign what it is asked to.", ["witness"])
COSIGNED: Final = Counter(
    "psmp_cosignatures", "Checkpoints that witnesses were asked to cosign.", ["witness", "outcome"]
)

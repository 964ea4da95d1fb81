"""``python -m psmp_signer``: the signer as a process."""

import sys
from collections.abc import Sequence

from psmp.ledger.keys import Keys, Use, read_private
from psmp.ledger.notes import Malformed, Signer
from psmp.ledger.origins import statements
from psmp.service.memory import InUse, Memory
from psmp.service.runner import Context, run
from psmp.service.statistics import Loop
from psmp_signer.consumer import Signatory
from psmp_signer.settings import SignerSettings


async def build(context: Context[SignerSettings]) -> Sequence[Loop]:
    """The one loop: what is asked, signed or refused."""
    settings = context.settings
    keys = _keys(settings)
    try:
        memory = Memory.open(settings.signer_state)
    except InUse as error:
        sys.stderr.write(f"PSMP_SIGNER_STATE: {error}\n")
        raise SystemExit(2) from None
    context.adapters.callback(memory.close)
    return [Signatory(context.nats, settings.deployment, keys, memory)]


def _keys(settings: SignerSettings) -> Keys[Signer]:
    """The keys to sign with; says what is wrong with them and exits with status 2 when they cannot be used."""
    try:
        keys = read_private(settings.signer_keys.read_text(encoding="utf-8").splitlines())
        for use, name in ((Use.LOG, settings.deployment), (Use.STATEMENT, statements(settings.deployment))):
            if not keys[use] or any(key.name != name for key in keys[use]):
                raise Malformed(
                    f"there must be a {use} key in it, and all must be named {name} (psmp signing-key make)"
                )
    except (OSError, ValueError) as error:
        sys.stderr.write(f"PSMP_SIGNER_KEYS: {error}\n")
        raise SystemExit(2) from None
    return keys


if __name__ == "__main__":
    run("signer", build, SignerSettings, writes=False)

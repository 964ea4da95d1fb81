"""Receipts, signed: what an answer promises of the record that it is, and whether such a promise is ours."""

from collections.abc import Iterable
from dataclasses import dataclass

from psmp.ledger import origins
from psmp.ledger.notes import Note, Signer, Untrusted, Verifier, seal
from psmp.words.envelope import leaf_hash
from psmp.words.ids import ProjectKey
from psmp.words.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Promises:
    """Makes the receipts of a deployment, under the signature of each of ``signers``: two while a key is replaced.

    Invariant: the same record has the same receipt, however often it is asked for (Ed25519 has no chance in it).
    """

    deployment: str
    signers: tuple[Signer, ...]

    def note(self, key: ProjectKey, sequence: int, body: bytes) -> str:
        """The receipt for the record with these stored bytes, as a signed note."""
        text = Receipt(origins.origin(self.deployment, key), sequence, leaf_hash(body)).text
        return seal(text, [each.sign(text) for each in self.signers]).decode()


def verified(note: str, trusted: Iterable[Verifier]) -> Receipt:
    """The receipt in ``note``, once a ``trusted`` key of its deployment has signed it and no signature of one fails.

    Raises ``NoReceipt``, ``Malformed`` or ``Untrusted``.
    """
    receipt, signed = Receipt.read(note), Note.read(note.encode(errors="surrogatepass"))
    if signed.text != receipt.text:
        raise Untrusted("what is signed goes on after the receipt")
    ours = origins.receipts(receipt.origin.partition("/")[0])
    if not any(each.name == ours for each in signed.signed_by(trusted)):
        raise Untrusted(f"it is signed by no key that is trusted, named {ours}")
    return receipt

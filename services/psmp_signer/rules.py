"""What the signer may sign. Pure: what was signed before comes in, what may be signed goes out.

A checkpoint is signed when, and only when,

1. its log is a project's of this deployment, or the deployment's anchor log;
2. it has no fewer records than were signed of that log before;
3. with as many, it has the same root: the same is signed again;
4. with more, it is proved to begin with what was signed before (RFC 6962, 2.1.2).
"""

from collections.abc import Sequence

from psmp.ledger.checkpoints import Checkpoint
from psmp.ledger.merkle import EMPTY, verify_consistency
from psmp.ledger.notes import Malformed, Note, Untrusted, Verifier
from psmp.ledger.origins import anchor, project_of
from psmp.ledger.signing import Refusal, Why, Wish
from psmp.words.subjects import is_id


def judge(deployment: str, wish: Wish, signed: Checkpoint | None) -> Checkpoint | Refusal:
    """The checkpoint to sign, given what was ``signed`` last of its log; or why not. The numbers are the module's."""
    before = signed or Checkpoint(wish.origin, 0, EMPTY)
    if not is_ours(deployment, wish.origin):  # 1
        return Refusal(why=Why.FOREIGN, text=f"{wish.origin} is no log of {deployment}")
    if wish.size < before.size:  # 2
        return _refused(before, Why.SHRINKS, f"{before.size} records of it are signed, {wish.size} are fewer")
    if wish.size == before.size:  # 3
        if wish.root != before.root:
            return _refused(before, Why.FORKS, f"another root is signed for {wish.size} records")
        return before
    if wish.older != before.size:  # 4
        text = f"{before.size} records of it are signed, the proof starts from {wish.older}"
        return _refused(before, Why.OUT_OF_STEP, text)
    if not verify_consistency(before.size, wish.size, before.root, wish.root, wish.proof):
        text = f"the proof does not show that its first {before.size} records are those that were signed"
        return _refused(before, Why.UNPROVED, text)
    return Checkpoint(wish.origin, wish.size, wish.root)


def is_ours(deployment: str, origin: str) -> bool:
    """Whether a log is one of this deployment."""
    key = project_of(origin, deployment)
    return origin == anchor(deployment) or (key is not None and all(map(is_id, key)))


def recalled(wish: Wish, keys: Sequence[Verifier]) -> Checkpoint | None:
    """What the asker's note shows to have been signed by one of these keys; for a signer that has lost its memory."""
    try:
        note = Note.read(wish.note.encode())
        checkpoint = Checkpoint.read(note.text)
        known = bool(note.signed_by(keys))
    except (Malformed, Untrusted):
        return None
    return checkpoint if known and checkpoint.origin == wish.origin else None


def _refused(before: Checkpoint, why: Why, text: str) -> Refusal:
    return Refusal(why=why, text=f"{before.origin}: {text}", size=before.size, root=before.root if before.size else b"")

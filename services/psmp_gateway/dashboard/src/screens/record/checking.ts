// What a page finds out about a proof by itself, step by step: nothing is taken from the server but what is to be proved.
import type { Checkpoint, Consistency, Proof } from "../../live/record";
import { count } from "../../parts/words";
import { fromBase64, leafHash, noteOf, rootByInclusion, rootsByConsistency, toBase64, toHex } from "./merkle";

export interface Step {
  text: string;
  holds: boolean;
}

/** `bytes` are those of the event as it is stored. */
export async function checkInclusion(proof: Proof, bytes: string): Promise<readonly Step[]> {
  const leaf = await leafHash(new TextEncoder().encode(bytes));
  const root = await rootByInclusion(leaf, proof.index, proof.size, proof.hashes.map(fromBase64));
  const note = noteOf(proof.note);
  return [
    { text: `the bytes of event ${proof.sequence} have the hash that is its leaf`, holds: toHex(leaf) === proof.leaf },
    { text: `as record ${proof.index} of ${proof.size} that leaf leads over ${count(proof.hashes.length, "hash", "hashes")} to the root`, holds: root !== null && toBase64(root) === proof.root },
    { text: "that root and that size stand in the signed note", holds: note !== null && note.root === proof.root && note.size === proof.size },
  ];
}

/** `older` is the checkpoint that was signed when the log had `since` records. */
export async function checkConsistency(proof: Consistency, older: Checkpoint): Promise<readonly Step[]> {
  const was = noteOf(older.note);
  const roots = await rootsByConsistency(proof.since, proof.size, fromBase64(older.root), proof.hashes.map(fromBase64));
  const note = noteOf(proof.note);
  return [
    { text: `the older note says ${proof.since} records and the root from which is reckoned`, holds: was !== null && was.size === proof.since && was.root === older.root },
    { text: `with ${count(proof.hashes.length, "hash", "hashes")} that root is found again from the tree of ${proof.size}`, holds: roots !== null && toBase64(roots[0]) === older.root },
    { text: "the same hashes lead to the newer root", holds: roots !== null && toBase64(roots[1]) === proof.root },
    { text: "that root and that size stand in the newer note, of the same log", holds: note !== null && note.root === proof.root && note.size === proof.size && note.origin === was?.origin },
  ];
}

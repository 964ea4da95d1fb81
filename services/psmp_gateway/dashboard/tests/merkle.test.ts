import { describe, expect, test } from "vitest";
import type { Checkpoint, Consistency, Proof } from "../src/live/record";
import { checkConsistency, checkInclusion } from "../src/screens/record/checking";
import made from "./merkle.json";
import { fromBase64, leafHash, noteOf, rootByInclusion, rootsByConsistency, toBase64, toHex } from "../src/screens/record/merkle";

/** Made by `psmp.ledger.merkle` over the leaves `event 1` to `event 13`. */
const MADE = made as unknown as {
  roots: string[];
  inclusion: [number, number, string[]][];
  consistency: [number, number, string[]][];
};
const bytes = (number: number) => new TextEncoder().encode(`event ${number}`);
const root = (size: number) => MADE.roots[size - 1]!;

describe("a proof of inclusion", () => {
  test.each(MADE.inclusion)("of leaf %i of %i leads to the root of the ledger", async (index, size, path) => {
    const found = await rootByInclusion(await leafHash(bytes(index + 1)), index, size, path.map(fromBase64));
    expect(toBase64(found!)).toBe(root(size));
  });

  test("of another leaf, another place or another length does not", async () => {
    const [index, size, path] = MADE.inclusion[1]!;
    const leaf = await leafHash(bytes(index + 1));
    const found = async (...said: Parameters<typeof rootByInclusion>) => toBase64((await rootByInclusion(...said)) ?? new Uint8Array());
    const hashes = path.map(fromBase64);
    expect(await found(await leafHash(bytes(1)), index, size, hashes)).not.toBe(root(size));
    expect(await found(leaf, index - 1, size, hashes)).not.toBe(root(size));
    expect(await rootByInclusion(leaf, index, size, hashes.slice(1))).toBeNull();
    expect(await rootByInclusion(leaf, index, size, [...hashes, leaf])).toBeNull();
    expect(await rootByInclusion(leaf, size, size, hashes)).toBeNull();
  });
});

describe("a proof of consistency", () => {
  test.each(MADE.consistency)("from %i to %i leads to both roots", async (older, newer, proof) => {
    const found = await rootsByConsistency(older, newer, fromBase64(root(older)), proof.map(fromBase64));
    expect(found!.map(toBase64)).toEqual([root(older), root(newer)]);
  });

  test("from another root, or of another length, leads nowhere else", async () => {
    const [older, newer, proof] = MADE.consistency[2]!;
    const hashes = proof.map(fromBase64);
    const wrong = await rootsByConsistency(older + 1, newer, fromBase64(root(older)), hashes);
    expect(wrong?.map(toBase64)).not.toEqual([root(older + 1), root(newer)]);
    expect(await rootsByConsistency(older, newer, fromBase64(root(older)), hashes.slice(0, -1))).toBeNull();
    expect(await rootsByConsistency(older, newer, fromBase64(root(older)), [])).toBeNull();
    expect(await rootsByConsistency(0, newer, fromBase64(root(1)), hashes)).toBeNull();
    const same = fromBase64(root(5));
    expect(await rootsByConsistency(5, 5, same, [])).toEqual([same, same]);
    expect(await rootsByConsistency(5, 5, same, [same])).toBeNull();
  });
});

const note = (size: number, hash: string, origin = "psmp.test/p") => `${origin}\n${size}\n${hash}\n\n— key abc=\n`;

describe("the steps that a page goes through", () => {
  const [index, size, hashes] = MADE.inclusion[3]!;
  async function proof(): Promise<Proof> {
    return { project: "p", sequence: index + 1, index, size, leaf: toHex(await leafHash(bytes(index + 1))), root: root(size), hashes, note: note(size, root(size)), text: "" };
  }
  const held = (steps: readonly { holds: boolean }[]) => steps.map((each) => each.holds);

  test("all hold of what is in the record", async () => {
    expect(held(await checkInclusion(await proof(), "event 7"))).toEqual([true, true, true]);
  });

  test("break, each by itself, where bytes, root or note are others", async () => {
    const good = await proof();
    expect(held(await checkInclusion(good, "event 8"))).toEqual([false, false, true]);
    expect(held(await checkInclusion({ ...good, root: root(5), note: note(size, root(5)) }, "event 7"))).toEqual([true, false, true]);
    expect(held(await checkInclusion({ ...good, note: note(size + 1, root(size)) }, "event 7"))).toEqual([true, true, false]);
  });

  test("from one checkpoint to a later one all hold, and each breaks by itself", async () => {
    const [since, newer, path] = MADE.consistency[2]!;
    const older = { number: 1, size: since, root: root(since), signed_at: "", note: note(since, root(since)) } satisfies Checkpoint;
    const later = { project: "p", since, size: newer, root: root(newer), hashes: path, note: note(newer, root(newer)), text: "" } satisfies Consistency;
    expect(held(await checkConsistency(later, older))).toEqual([true, true, true, true]);
    expect(held(await checkConsistency(later, { ...older, note: note(since + 1, root(since)) }))).toEqual([false, true, true, true]);
    expect(held(await checkConsistency(later, { ...older, root: root(5), note: note(since, root(5)) }))).toEqual([true, false, true, true]);
    expect(held(await checkConsistency({ ...later, root: root(5), note: note(newer, root(5)) }, older))).toEqual([true, true, false, true]);
    expect(held(await checkConsistency({ ...later, note: note(newer, root(newer), "another/p") }, older))).toEqual([true, true, true, false]);
  });

  test("read no note that is none", () => {
    expect(noteOf(note(3, root(3)))).toEqual({ origin: "psmp.test/p", size: 3, root: root(3) });
    for (const text of ["", "a\n", "a\nx\nAAAA\n\n", `a\n3\n${root(3).slice(4)}\n\n`, "a\n3\n???\n\n"]) expect(noteOf(text), text).toBeNull();
  });
});

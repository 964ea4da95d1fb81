// Proofs of the Merkle tree (RFC 6962, verified as RFC 9162 2.1.3 and 2.1.4 say), reckoned with the browser's own SHA-256.

const SIZE = 32;

/** Whether this page may reckon hashes: browsers let it over https, and on this machine. */
export function canHash(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  let place = 0;
  for (const each of parts) {
    whole.set(each, place);
    place += each.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

/** SHA-256(0x00 || data). */
export function leafHash(data: Uint8Array): Promise<Uint8Array> {
  return sha256(new Uint8Array([0]), data);
}

/** SHA-256(0x01 || left || right). */
function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  return sha256(new Uint8Array([1]), left, right);
}

/** The root to which an audit path leads from a leaf; null where it cannot be one of that place and size. */
export async function rootByInclusion(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[]): Promise<Uint8Array | null> {
  if (!(index >= 0 && index < size)) return null;
  let [place, last, found] = [index, size - 1, leaf];
  for (const step of path) {
    if (last === 0) return null;
    if (place % 2 === 1 || place === last) {
      found = await nodeHash(step, found);
      while (place > 0 && place % 2 === 0) [place, last] = [half(place), half(last)];
    } else {
      found = await nodeHash(found, step);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? found : null;
}

/** The roots, older and newer, to which a consistency proof leads; null where it cannot be one of those sizes. */
export async function rootsByConsistency(older: number, newer: number, root: Uint8Array, proof: readonly Uint8Array[]): Promise<[Uint8Array, Uint8Array] | null> {
  if (!(older > 0 && older <= newer)) return null;
  if (older === newer) return proof.length === 0 ? [root, root] : null;
  const hashes = isPowerOfTwo(older) ? [root, ...proof] : proof;
  if (hashes.length === 0) return null;
  let [place, last] = [older - 1, newer - 1];
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  let [old, young] = [hashes[0]!, hashes[0]!];
  for (const step of hashes.slice(1)) {
    if (last === 0) return null;
    if (place % 2 === 1 || place === last) {
      [old, young] = [await nodeHash(step, old), await nodeHash(step, young)];
      while (place > 0 && place % 2 === 0) [place, last] = [half(place), half(last)];
    } else {
      young = await nodeHash(young, step);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? [old, young] : null;
}

function half(number: number): number {
  return Math.floor(number / 2);
}

function isPowerOfTwo(number: number): boolean {
  while (number > 1 && number % 2 === 0) number = half(number);
  return number === 1;
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}

/** What a checkpoint says in its note (C2SP tlog-checkpoint): of which log, how many records, which root. */
export function noteOf(note: string): { origin: string; size: number; root: string } | null {
  const [origin, size, root] = note.split("\n\n")[0]!.split("\n");
  if (!origin || !/^(0|[1-9]\d*)$/.test(size ?? "") || !root) return null;
  try {
    return fromBase64(root).length === SIZE ? { origin, size: Number(size), root } : null;
  } catch {
    return null;
  }
}

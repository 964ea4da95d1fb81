// Who is signed in: an API key, kept for as long as the tab is open and never written into an address.
const KEPT = "psmp.key";

let key: string | null = read();
const listeners = new Set<() => void>();

function read(): string | null {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

export function authorization(): Record<string, string> {
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

export function isSignedIn(): boolean {
  return key !== null;
}

export function signIn(shown: string): void {
  set(shown.trim());
}

export function signOut(): void {
  set(null);
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(next: string | null): void {
  if (next === key) return;
  key = next;
  try {
    if (next === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, next);
  } catch {
    // Without storage it lasts until the page is left.
  }
  for (const each of listeners) each();
}

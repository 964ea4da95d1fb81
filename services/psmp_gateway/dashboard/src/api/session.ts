// Who is signed in. The session is a cookie that no script can read: a key is shown to the gateway once and kept nowhere.
import { Problem, get, request, unreachable, whenUnauthenticated } from "./client";
import type { Session } from "./words";

export type Who =
  | { readonly state: "asking"; readonly problem: Problem | null }
  | { readonly state: "out"; readonly why: Problem | null }
  | { readonly state: "in"; readonly session: Session };

const PATH = "/api/v1/session";
/** Milliseconds between two tries to learn who is signed in, while the gateway is away. */
const AGAIN = 1500;

let who: Who = { state: "asking", problem: null };
const listeners = new Set<() => void>();

export function whoIs(): Who {
  return who;
}

/** Whether whoever is signed in may do something; what it may do in one project is the project's to say. */
export function may(permission: string): boolean {
  return who.state === "in" && who.session.permissions.includes(permission);
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Ask who is signed in, until the gateway says so. */
export async function begin(): Promise<void> {
  whenUnauthenticated((problem) => who.state === "in" && set({ state: "out", why: problem }));
  while (who.state === "asking") {
    try {
      set({ state: "in", session: await get(PATH) });
    } catch (error) {
      const problem = error instanceof Problem ? error : unreachable(String(error));
      if (problem.status === 401 || problem.status === 403) set({ state: "out", why: problem.status === 403 ? problem : null });
      else set({ state: "asking", problem });
      if (who.state === "asking") await new Promise((done) => setTimeout(done, AGAIN));
    }
  }
}

/** Sign in with an API key; raises a Problem. */
export async function signIn(key: string): Promise<void> {
  const response = await request("POST", PATH, {}, { key });
  set({ state: "in", session: (await response.json()) as Session });
}

export async function signOut(): Promise<void> {
  try {
    await request("DELETE", PATH);
    set({ state: "out", why: null });
  } catch (error) {
    set({ state: "out", why: error instanceof Problem ? error : unreachable(String(error)) });
  }
}

function set(next: Who): void {
  who = next;
  for (const each of [...listeners]) each();
}

// The address bar: read by screens, written by links and filters.
import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
window.addEventListener("popstate", tell);

function tell(): void {
  for (const each of [...listeners]) each();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Go to another place. With `replace` the way back leads past it. */
export function go(to: string, { replace = false } = {}): void {
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  tell();
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** Where one is, with one value in the query as it is to be; "" takes it out. */
export function withQuery(name: string, value: string): string {
  const query = new URLSearchParams(location.search);
  if (value === "") query.delete(name);
  else query.set(name, value);
  const said = query.toString();
  return location.pathname + (said ? `?${said}` : "");
}

/** One value in the query of the address; setting it to the usual value takes it out. */
export function useQuery(name: string, usual = ""): [string, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => new URLSearchParams(location.search).get(name) ?? usual);
  const set = useCallback(
    (next: string) => go(withQuery(name, next === usual ? "" : next), { replace: true }),
    [name, usual],
  );
  return [value, set];
}

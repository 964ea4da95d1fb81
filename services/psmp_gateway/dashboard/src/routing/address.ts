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

/** One value in the query of the address; setting it to the usual value takes it out. */
export function useQuery(name: string, usual = ""): [string, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => new URLSearchParams(location.search).get(name) ?? usual);
  const set = useCallback(
    (next: string) => {
      const query = new URLSearchParams(location.search);
      if (next === usual) query.delete(name);
      else query.set(name, next);
      const said = query.toString();
      go(location.pathname + (said ? `?${said}` : ""), { replace: true });
    },
    [name, usual],
  );
  return [value, set];
}

// Dark or light: as the system says, unless somebody has chosen.
import { useSyncExternalStore } from "react";

export type Theme = "auto" | "light" | "dark";
const KEPT = "psmp.theme";
const listeners = new Set<() => void>();
let theme: Theme = read();

function read(): Theme {
  try {
    const kept = localStorage.getItem(KEPT);
    return kept === "light" || kept === "dark" ? kept : "auto";
  } catch {
    return "auto";
  }
}

export function applyTheme(): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function choose(next: Theme): void {
  theme = next;
  try {
    if (next === "auto") localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, next);
  } catch {
    // Without storage it lasts until the page is left.
  }
  applyTheme();
  for (const each of listeners) each();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
}

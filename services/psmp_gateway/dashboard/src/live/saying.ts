// Saying a command from a form: one at a time, what came of it, or why not. Nothing is shown as done before it is.
import { useState } from "react";
import { Problem, unreachable } from "../api/client";
import { store } from "./store";

export interface Saying {
  readonly isBusy: boolean;
  readonly problem: Problem | null;
  /** Whether it was done; what it says is read anew in either case. */
  readonly say: (what: () => Promise<unknown>) => Promise<boolean>;
}

export function useSaying(): Saying {
  const [{ isBusy, problem }, set] = useState<Omit<Saying, "say">>({ isBusy: false, problem: null });
  async function say(what: () => Promise<unknown>): Promise<boolean> {
    if (isBusy) return false;
    set({ isBusy: true, problem: null });
    try {
      await what();
      set({ isBusy: false, problem: null });
      return true;
    } catch (error) {
      set({ isBusy: false, problem: error instanceof Problem ? error : unreachable(String(error)) });
      return false;
    } finally {
      store.anew();
    }
  }
  return { isBusy, problem, say };
}

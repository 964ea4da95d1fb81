// Waiting, and when it ends.

/** Wait so many milliseconds; rejects at once when `signal` says so. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stopped);
      resolve();
    };
    const stopped = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", stopped, { once: true });
  });
}

/** Milliseconds before try number `tries` + 1: they double up to `most`, and differ so that a crowd does not come back together. */
export function backoff(tries: number, first = 250, most = 5000): number {
  return Math.min(first * 2 ** tries, most) * (0.5 + Math.random() / 2);
}

/** Seconds left until `deadline`, a moment of `performance.now()`. */
export function left(deadline: number): number {
  return Math.max(0, (deadline - performance.now()) / 1000);
}

/** The moment in so many seconds. */
export function within(seconds: number): number {
  return performance.now() + seconds * 1000;
}

// Something that was read from the API and is kept fresh by events: one reading at a time, and never one too few.
import { Problem, unreachable } from "../api/client";
import type { LogEvent } from "./event";

export interface Reading<T> {
  readonly data: T | null;
  readonly problem: Problem | null;
  /** What is shown is known to lack something, which is being read. */
  readonly stale: boolean;
}

/** What a loader gives: the data, and up to which event of which projects it reaches, where it knows that. */
export interface Loaded<T> {
  data: T;
  reaches?: (event: LogEvent) => boolean;
}

export interface Source<T> {
  load(signal: AbortSignal, before: T | null): Promise<Loaded<T>>;
  /** Whether an event can have changed it. */
  concerns(event: LogEvent): boolean;
  /** Least milliseconds between two readings, however much happens. */
  spacing: number;
}

const AGAIN = [100, 200, 400, 800, 1600, 3000];

export class Resource<T> {
  private reading: Reading<T> = { data: null, problem: null, stale: false };
  private readonly listeners = new Set<() => void>();
  private isRunning = false;
  private isWanted = false;
  private newest: LogEvent | null = null;
  private began = 0;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private abort = new AbortController();

  constructor(private readonly source: Source<T>) {}

  get = (): Reading<T> => this.reading;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.refresh();
    return () => {
      this.listeners.delete(listener);
    };
  };

  get isWatched(): boolean {
    return this.listeners.size > 0;
  }

  take(event: LogEvent): void {
    if (!this.source.concerns(event)) return;
    this.newest = event;
    if (this.isWatched) this.refresh();
  }

  refresh = (): void => {
    this.isWanted = true;
    this.tries = 0;
    this.set({ ...this.reading, stale: this.reading.data !== null });
    this.schedule(Math.max(0, this.began + this.source.spacing - Date.now()));
  };

  /** Show what a command has just told, until it is read again. */
  end(): void {
    clearTimeout(this.timer);
    this.abort.abort();
    this.listeners.clear();
  }

  private schedule(milliseconds: number): void {
    if (this.isRunning) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), milliseconds);
  }

  private async read(): Promise<void> {
    this.isRunning = true;
    this.isWanted = false;
    this.began = Date.now();
    const asked = this.newest;
    let retry: number | null = null;
    try {
      const { data, reaches } = await this.source.load(this.abort.signal, this.reading.data);
      const lacks = asked !== null && reaches !== undefined && !reaches(asked);
      retry = lacks ? (AGAIN[this.tries] ?? null) : null;
      this.set({ data, problem: null, stale: lacks || this.isWanted });
    } catch (error) {
      if (this.abort.signal.aborted) return;
      const problem = error instanceof Problem ? error : unreachable(String(error));
      // What was seen stays to be seen, and says that it is stale.
      this.set({ data: problem.status === 404 ? null : this.reading.data, problem, stale: this.reading.data !== null });
      const isPassing = problem.status === 0 || problem.status === 429 || problem.status >= 500;
      if (isPassing) retry = Math.max((problem.body.retry_seconds ?? 0) * 1000, AGAIN[this.tries] ?? 5000);
    } finally {
      this.isRunning = false;
    }
    if (this.isWanted && this.isWatched) this.schedule(Math.max(0, this.began + this.source.spacing - Date.now()));
    else if (retry !== null && this.isWatched) {
      this.tries += 1;
      this.schedule(retry);
    }
  }

  private set(next: Reading<T>): void {
    const { data, problem, stale } = this.reading;
    if (next.data === data && next.problem === problem && next.stale === stale) return;
    this.reading = next;
    for (const each of [...this.listeners]) each();
  }
}

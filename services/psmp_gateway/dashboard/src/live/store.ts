// The one live store of the page: the link, the newest events, and all that was read and is kept fresh.
import { onSession, whoIs } from "../api/session";
import type { LogEvent } from "./event";
import { CLOSED, type Happening, type Link, next } from "./link";
import { Resource, type Source } from "./resource";
import { Stream, type Watcher } from "./stream";

/** Events that are held for whoever wants the newest; enough for a screen, not a history. */
const HELD = 500;
/** Resources that nobody looks at and are still held, to be shown at once on the way back. */
const IDLE = 30;
/** Milliseconds that a tab keeps its connection while nobody looks at it. */
const UNSEEN = 20_000;

class Store implements Watcher {
  private link_: Link = CLOSED;
  private events_: readonly LogEvent[] = [];
  private stream: Stream | null = null;
  private unseen: ReturnType<typeof setTimeout> | undefined;
  private readonly resources = new Map<string, Resource<unknown>>();
  private readonly listeners = new Set<() => void>();
  private readonly heard = new Set<(event: LogEvent) => void>();

  start(): void {
    onSession(() => this.restart());
    window.addEventListener("online", () => document.hidden || this.stream?.hurry());
    window.addEventListener("pageshow", () => this.stream?.hurry());
    window.addEventListener("pagehide", () => this.stream?.pause());
    document.addEventListener("visibilitychange", () => this.seen());
    this.restart();
  }

  /** A tab that nobody has looked at for a while lets its connection go; it takes up where it was when somebody does. */
  private seen(): void {
    clearTimeout(this.unseen);
    if (document.hidden) this.unseen = setTimeout(() => this.stream?.pause(), UNSEEN);
    else this.stream?.hurry();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  link = (): Link => this.link_;
  events = (): readonly LogEvent[] => this.events_;

  /** Be told of every event from now on. */
  listen(listener: (event: LogEvent) => void): () => void {
    this.heard.add(listener);
    return () => this.heard.delete(listener);
  }

  /** The resource of that name; made when it is not there. */
  resource<T>(name: string, source: () => Source<T>): Resource<T> {
    const found = this.resources.get(name) as Resource<T> | undefined;
    const resource = found ?? new Resource(source());
    this.resources.delete(name);
    this.resources.set(name, resource as Resource<unknown>);
    for (const [each, held] of this.resources) {
      if (this.resources.size <= IDLE) break;
      if (!held.isWatched && each !== name) this.resources.delete(each);
    }
    return resource;
  }

  happened(happening: Happening): void {
    this.link_ = next(this.link_, happening);
    this.tell();
  }

  event(event: LogEvent): void {
    this.events_ = [...this.events_.slice(1 - HELD), event];
    for (const each of this.resources.values()) each.take(event);
    for (const each of [...this.heard]) each(event);
    this.tell();
  }

  anew(): void {
    for (const each of this.resources.values()) if (each.isWatched) each.refresh();
  }

  private restart(): void {
    this.stream?.stop();
    this.stream = null;
    if (whoIs().state !== "in") {
      for (const each of this.resources.values()) each.end();
      this.resources.clear();
      this.events_ = [];
    } else {
      this.stream = new Stream(this);
      this.stream.start();
    }
    this.tell();
  }

  private tell(): void {
    for (const each of [...this.listeners]) each();
  }
}

export const store = new Store();

// An event of the log as a page meets it.

export interface LogEvent {
  /** Its position in the log. */
  position: number;
  /** `conflict.detected` and so on. */
  kind: string;
  project: string;
  /** Its number within the project. */
  sequence: number;
  time: string;
  actor: string;
  /** The stored CloudEvent. */
  stored: StoredEvent;
}

export interface StoredEvent {
  id: string;
  type: string;
  subject: string;
  time: string;
  actor: string;
  sequence: number;
  data: Record<string, unknown>;
  [attribute: string]: unknown;
}

/** The event of a frame; null for what is none of ours. */
export function eventOf(kind: string, id: string | null, data: string): LogEvent | null {
  const position = Number(id);
  if (id === null || !Number.isSafeInteger(position)) return null;
  let stored: StoredEvent;
  try {
    stored = JSON.parse(data) as StoredEvent;
  } catch {
    return null;
  }
  if (typeof stored.subject !== "string") return null;
  const project = stored.subject.slice(stored.subject.indexOf("/") + 1);
  const { sequence, time, actor } = stored;
  return { position, kind, project, sequence: Number(sequence), time, actor, stored };
}

// Server-Sent Events as text becomes frames (HTML Living Standard, 9.2.6). Pure.

export interface Frame {
  id: string | null;
  event: string;
  data: string;
}

/** Reads a stream chunk by chunk; `feed` gives the frames that a chunk completes. A chunk may end anywhere. */
export class FrameReader {
  private rest = "";
  private id: string | null = null;
  private event = "";
  private data: string[] = [];

  feed(chunk: string): Frame[] {
    const found: Frame[] = [];
    const text = this.rest + chunk;
    // A lone CR at the end may be half of a CRLF: it waits for the next chunk.
    const whole = text.endsWith("\r") ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? "") + text.slice(whole.length);
    for (const line of lines) {
      const frame = this.take(line);
      if (frame !== null) found.push(frame);
    }
    return found;
  }

  private take(line: string): Frame | null {
    if (line === "") return this.finished();
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "data") this.data.push(value);
    else if (name === "event") this.event = value;
    else if (name === "id" && !value.includes("\0")) this.id = value;
    return null;
  }

  private finished(): Frame | null {
    const { data, event, id } = this;
    this.data = [];
    this.event = "";
    return data.length === 0 ? null : { id, event: event || "message", data: data.join("\n") };
  }
}

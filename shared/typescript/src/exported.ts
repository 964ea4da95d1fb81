// What comes as a file: read once, whole or piece by piece.
import { Unreachable } from "./errors.js";

/** A file that the gateway has made as a whole, and whose bytes are on their way. */
export class Exported {
  /** What it would be called on a disk: `rag.zip`. */
  readonly name: string;
  /** Its media type. */
  readonly type: string;
  readonly #response: Response;

  constructor(response: Response) {
    this.name = /filename="([^"/\\]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "export";
    this.type = response.headers.get("Content-Type") ?? "";
    this.#response = response;
  }

  /** Piece by piece, for what is too large to be held; it fails where the connection is lost before the end. */
  get body(): ReadableStream<Uint8Array> {
    return this.#response.body ?? new Blob([]).stream();
  }

  /** All of it. */
  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.#whole(this.#response.arrayBuffer()));
  }

  /** All of it, as text. */
  text(): Promise<string> {
    return this.#whole(this.#response.text());
  }

  async #whole<T>(read: Promise<T>): Promise<T> {
    try {
      return await read;
    } catch (error) {
      if (error instanceof Error && ["AbortError", "TimeoutError"].includes(error.name)) throw error;
      throw new Unreachable(`${this.name} did not come to its end: ${error}`, "ask for it again", { cause: error });
    }
  }
}

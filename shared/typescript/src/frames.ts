// Server-Sent Events, taken apart as the HTML standard says (9.2.6), for a stream that may be cut anywhere.

/** One event: its name, its data, and the last id that was said up to here. */
export interface Frame {
  event: string;
  data: string;
  id: string | undefined;
}

/** The events of a body, as they come; what was begun and not ended is left out. */
export async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame, void, undefined> {
  let event = "";
  let data: string[] = [];
  let id: string | undefined;
  for await (const line of lines(chunks)) {
    if (line === "") {
      if (data.length) yield { event: event || "message", data: data.join("\n"), id };
      [event, data] = ["", []];
      continue;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line) ?? [];
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
  }
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder(); // takes a byte order mark away
  let rest = "";
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    let begin = 0;
    for (const end of rest.matchAll(/\r\n|\n|\r(?!$)/g)) { // a CR at the end may be half of a CRLF
      yield rest.slice(begin, end.index);
      begin = end.index + end[0].length;
    }
    rest = rest.slice(begin);
  }
}

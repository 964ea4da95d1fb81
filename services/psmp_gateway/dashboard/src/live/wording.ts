// The link to the log in words: live and where, how far behind, or since when it is stale. Pure.
import { span } from "../parts/words";
import type { Link } from "./link";

export function linkWords(link: Link, now: number): { tone: "good" | "warn" | "bad"; text: string; more: string } {
  switch (link.state) {
    case "closed":
      return { tone: "bad", text: "signed out", more: "" };
    case "opening":
      return { tone: "warn", text: "connecting …", more: "" };
    case "live": {
      const at = `at position ${link.position ?? "?"}`;
      if (link.trouble) return { tone: "bad", text: "stale", more: link.trouble };
      if (link.behind > 0) return { tone: "warn", text: `${link.behind} behind`, more: at };
      const took = link.delay === null ? "" : `, the newest event was here after ${link.delay} ms`;
      return { tone: "good", text: `live · ${link.position ?? 0}`, more: `${at}${took}` };
    }
    case "waiting": {
      const stale = link.since === null ? "" : `nothing new for ${span(now - link.since)}: ${link.why}`;
      const left = link.again === null ? "now" : `in ${Math.max(1, Math.ceil((link.again - now) / 1000))} s`;
      return { tone: "bad", text: `reconnecting ${left} (${link.attempts})`, more: stale };
    }
  }
}

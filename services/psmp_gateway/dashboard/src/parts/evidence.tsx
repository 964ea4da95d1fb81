// The sentence that says why something cannot stand, its facts marked.
import type { Conflict } from "../api/words";
import { pieces } from "./emphasis";

export function Evidence({ conflict }: { conflict: Conflict }) {
  return pieces(conflict).map(({ text, fact }, place) => {
    if (fact === "who") return <b key={place}>{text}</b>;
    return fact === "what" ? <code key={place}>{text}</code> : text;
  });
}

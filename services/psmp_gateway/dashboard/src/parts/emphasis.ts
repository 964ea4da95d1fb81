// A sentence of evidence with the facts in it marked: who, and which constraint. Pure.
import type { Conflict } from "../api/words";

export interface Piece {
  text: string;
  fact: "who" | "what" | null;
}

/** The sentence in pieces; together they are the sentence again. */
export function pieces(conflict: Pick<Conflict, "text" | "parties" | "subject">): readonly Piece[] {
  const facts = new Map<string, Piece["fact"]>([[conflict.subject, "what"]]);
  for (const { agent, constraint } of conflict.parties) {
    facts.set(agent, "who");
    if (constraint) for (const joint of ["", "@", " "]) facts.set(`${conflict.subject}${joint}${constraint}`, "what");
  }
  const longestFirst = [...facts.keys()].filter(Boolean).sort((one, other) => other.length - one.length);
  const found: Piece[] = [];
  let plain = "";
  for (let place = 0; place < conflict.text.length; ) {
    const fact = isAtWord(conflict.text, place) ? longestFirst.find((each) => conflict.text.startsWith(each, place) && endsWord(conflict.text, place + each.length)) : undefined;
    if (fact === undefined) {
      plain += conflict.text[place];
      place += 1;
      continue;
    }
    if (plain) found.push({ text: plain, fact: null });
    plain = "";
    found.push({ text: fact, fact: facts.get(fact)! });
    place += fact.length;
  }
  if (plain) found.push({ text: plain, fact: null });
  return found;
}

function isAtWord(text: string, place: number): boolean {
  return place === 0 || !/[\w-]/.test(text[place - 1]!);
}

function endsWord(text: string, place: number): boolean {
  return place >= text.length || !/[\w-]/.test(text[place]!);
}

// The geometry of a line of versions: where points, stretches and their ends lie. Pure.
import type { NumberLine, Stretch } from "../../api/words";

/** What the line is drawn on: points evenly spaced, since the distance of two versions means nothing. */
export interface Scale {
  /** Where each point lies. */
  places: ReadonlyMap<string, number>;
  begin: number;
  end: number;
}

export interface Bar {
  from: number;
  to: number;
  /** Whether the end itself belongs to it: a full mark, an empty one, or none where it goes on for ever. */
  left: "with" | "without" | "endless";
  right: "with" | "without" | "endless";
}

/** Half a step before the first point and behind the last: there is more on both sides. */
export function scale(points: readonly string[], width: number): Scale {
  const step = width / (points.length + 1);
  return { places: new Map(points.map((point, place) => [point, (place + 1) * step])), begin: 0, end: width };
}

export function bar(stretch: Stretch, { places, begin, end }: Scale): Bar {
  const { lower = null, upper = null } = stretch;
  return {
    from: lower === null ? begin : (places.get(lower) ?? begin),
    to: upper === null ? end : (places.get(upper) ?? end),
    left: lower === null ? "endless" : stretch.with_lower ? "with" : "without",
    right: upper === null ? "endless" : stretch.with_upper ? "with" : "without",
  };
}

/** A stretch in words: `1.5 ≤ v < 1.6`, `2.0 and newer`. */
export function stretchWords({ lower = null, upper = null, with_lower, with_upper }: Stretch): string {
  if (lower === null && upper === null) return "any version";
  if (lower !== null && lower === upper) return `${lower} alone`;
  if (upper === null) return with_lower ? `${lower} and newer` : `newer than ${lower}`;
  if (lower === null) return with_upper ? `up to ${upper}` : `older than ${upper}`;
  return `${lower} ${with_lower ? "≤" : "<"} v ${with_upper ? "≤" : "<"} ${upper}`;
}

export function stretchesWords(stretches: readonly Stretch[]): string {
  return stretches.length === 0 ? "none" : stretches.map(stretchWords).join(", or ");
}

export interface Row {
  artifact: string;
  agent: string;
  constraint: string;
  stretches: readonly Stretch[];
  /** How it was, where the suggestion changes it. */
  before: string | null;
  /** It leaves this line: it gets an environment of its own. */
  leaves: boolean;
}

/** The rows of the line, as they are, or with suggestion `n` as they would be; and what all could have at once. */
export function rows(line: NumberLine, n: number | null): { rows: readonly Row[]; common: readonly Stretch[] } {
  const way = (line.ways ?? []).find((each) => each.n === n);
  const changed = new Map((way?.lanes ?? []).map((lane) => [lane.artifact, lane]));
  const found = (line.lanes ?? []).map((lane) => {
    const after = changed.get(lane.artifact);
    const { artifact, agent, constraint, stretches = [] } = after ?? lane;
    const before = after && after.constraint !== lane.constraint ? lane.constraint : null;
    return { artifact, agent, constraint, stretches, before, leaves: way?.leaves?.includes(lane.artifact) ?? false };
  });
  return { rows: found, common: (way ? way.common : line.common) ?? [] };
}

/** The points that are worth a label: all, or where they would run into each other every second, third, ... one. */
export function labelled(points: readonly string[], width: number, perCharacter = 7.5): readonly string[] {
  const step = width / (points.length + 1);
  const longest = Math.max(0, ...points.map((each) => each.length)) * perCharacter + 10;
  const every = Math.max(1, Math.ceil(longest / step));
  return points.filter((_, place) => place % every === 0);
}

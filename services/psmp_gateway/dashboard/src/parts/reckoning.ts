// What charts reckon: which stretches there are, how high an axis is, where labels stand. Pure.
import type { Point, Stretch } from "../live/record";

export interface Span {
  readonly name: string;
  readonly label: string;
  readonly stretch: Stretch;
  /** Stretches in it. */
  readonly count: number;
}

export const SPANS: readonly [Span, ...Span[]] = [
  { name: "month", label: "30 days, by day", stretch: "day", count: 30 },
  { name: "day", label: "24 hours, by hour", stretch: "hour", count: 24 },
  { name: "hour", label: "60 minutes, by minute", stretch: "minute", count: 60 },
];

const MILLISECONDS: Record<Stretch, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The beginnings of all stretches of a span, the newest last, which is under way. */
export function beginnings(span: Span, now: number): readonly string[] {
  const long = MILLISECONDS[span.stretch];
  const last = Math.floor(now / long) * long;
  return Array.from({ length: span.count }, (_, place) => `${new Date(last - (span.count - 1 - place) * long).toISOString().slice(0, 19)}Z`);
}

/** A point for each beginning; where nothing happened it is empty. */
export function filled(points: readonly Point[], begins: readonly string[]): readonly Point[] {
  const found = new Map(points.map((each) => [Date.parse(each.begin), each]));
  return begins.map((begin) => found.get(Date.parse(begin)) ?? ({ begin } as Point));
}

/** The lowest round number that is not below any of the values: 1, 2 or 5 times a power of ten. */
export function roundedUp(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= most * (1 - 1e-9)) ?? 10 * power;
}

/** How the beginning of a stretch is written below an axis. */
export function written(begin: string, stretch: Stretch): string {
  return stretch === "day" ? begin.slice(5, 10) : begin.slice(11, 16);
}

/** The places that get a label, so that no two of `width` pixels meet; the last always does. */
export function labelledPlaces(count: number, step: number, width: number): ReadonlySet<number> {
  const every = Math.max(1, Math.ceil(width / step));
  return new Set(Array.from({ length: count }, (_, place) => place).filter((place) => (count - 1 - place) % every === 0));
}

/** A number with no more digits than one reads. */
export function figure(value: number): string {
  return value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : value.toPrecision(2);
}

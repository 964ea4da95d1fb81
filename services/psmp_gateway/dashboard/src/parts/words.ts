// How things are spelled for people. Pure.

/** A span of time in one or two units: `90 s`, `4 min`, `2 h 5 min`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 && days < 7 ? `${days} d ${hours % 24} h` : `${days} d`;
}

export function ago(time: string, now: number): string {
  const passed = now - Date.parse(time);
  return passed < 2000 ? "just now" : `${span(passed)} ago`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** A phase in words: `in progress`. */
export function phrase(word: string): string {
  return word.toLowerCase().replaceAll("_", " ");
}

/** `a, b and c`. */
export function listed(names: readonly string[], joint = "and"): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} ${joint} ${names.at(-1)}`;
}

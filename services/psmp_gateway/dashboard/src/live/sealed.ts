// Texts of a person, which are stored sealed, as they read. Pure.

const TOKEN = /\[sealed:1:[^\]\s]*\]/g;

/** A JSON document with the sealed texts inside its texts opened; what is opened for nobody any more is `[sealed]`. */
export function unsealed<T>(document: T, opened: Readonly<Record<string, string>>): T {
  if (typeof document === "string") return document.replace(TOKEN, (token) => opened[token] ?? "[sealed]") as T;
  if (Array.isArray(document)) return document.map((each: unknown) => unsealed(each, opened)) as T;
  if (typeof document !== "object" || document === null) return document;
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [name, unsealed(value, opened)])) as T;
}

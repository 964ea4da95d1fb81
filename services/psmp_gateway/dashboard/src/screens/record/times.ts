// Moments as the fields of a browser and the API spell them. Pure.

/** `2026-11-21T10:15` of a field, which is meant as UTC, as the API takes it; undefined where nothing is said. */
export function moment(said: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(said)) return undefined;
  return said.length === 16 ? `${said}:00Z` : `${said}Z`;
}

/** What is said, or undefined where nothing is. */
export function saying(said: string): string | undefined {
  return said.trim() === "" ? undefined : said.trim();
}

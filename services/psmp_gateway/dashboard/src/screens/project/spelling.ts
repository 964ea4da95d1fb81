// What a status says of something, as a person reads it: what is not said is left out. Pure.

export function spelled(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(spelled).filter(Boolean).join(value.some((each) => typeof each === "object") ? "; " : ", ");
  return typeof value === "object" ? ofObject(value as Record<string, unknown>) : String(value);
}

/** A need, a claim or a change as people write it; of anything else the fields. */
function ofObject(said: Record<string, unknown>): string {
  const { name, constraint, path, mode, text, id } = said;
  if (typeof text === "string" && typeof id === "string") return `${id}: ${text}`;
  if (typeof text === "string" && "n" in said) return text;
  if (typeof name === "string" && "constraint" in said) return [`${name}${constraint ?? ""}`, said["scope"] && said["scope"] !== "runtime" ? `(${String(said["scope"])})` : ""].filter(Boolean).join(" ");
  if (typeof path === "string") return mode ? `${String(mode)} ${path}` : path;
  const about = typeof said["agent"] === "string" && typeof said["artifact"] === "string" ? [`${said["agent"]}: ${said["artifact"]}`] : null;
  if (about) return [...about, spelled(constraint)].filter(Boolean).join(" ");
  return Object.entries(said).map(([key, value]) => [key, spelled(value)] as const).filter(([, value]) => value).map(([key, value]) => `${key.replaceAll("_", " ")} ${value}`).join(", ");
}

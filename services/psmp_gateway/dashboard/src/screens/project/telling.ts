// What an event says, in one line. Pure.

type Data = Readonly<Record<string, unknown>>;

/** The line of an event of that kind: whom or what it names, then its reason or text. */
export function telling(kind: string, data: Data): string {
  const about = subject(kind, data);
  const why = reason(kind, data);
  if (about && why) return `${about}: ${why}`;
  return about || why;
}

function subject(kind: string, data: Data): string {
  switch (kind) {
    case "project.created":
      return text(data["name"]);
    case "project.changed":
      return [text(data["name"]), listed(targets(data["targets"]))].filter(Boolean).join(" for ");
    case "task.created":
      return `${text(data["task"])}${data["agent"] ? ` for ${text(data["agent"])}` : ""}`;
    case "task.changed":
      return `${text(data["task"])} is ${phase(data["status"])}, ${text(data["agent"]) || "nobody"}’s`;
    case "task.archived":
      return text(data["task"]);
    case "project.transitioned":
      return `${phase(data["origin"])} → ${phase(data["to"])}`;
    case "command.refused":
      return `${text(data["command"])} refused with ${text(data["code"])}`;
    case "conflict.detected":
      return [...named(data["conflicts"]), made(data)].filter(Boolean).join(", ");
    case "conflict.cleared":
      return `${listed(data["cleared"])} cleared by ${made(data)}`;
    case "resolution.requested":
    case "resolution.proposed":
    case "resolution.applied":
    case "resolution.failed":
    case "resolution.refused":
      return `${text(data["resolution"])} of ${text(data["conflict"])}${data["strategy"] ? ` (${text(data["strategy"])})` : ""}`;
    case "resolution.answered":
      return `${text(data["agent"])} answers ${text(data["answer"])} to ${text(data["resolution"])}`;
    case "compatibility.started":
    case "compatibility.checked":
      return `as of event ${text(data["sequence"])}${data["verdict"] ? `: ${text(data["verdict"])}` : ""}`;
    default:
      return data["artifact"] === undefined ? text(data["agent"] ?? data["alert"] ?? data["conflict"] ?? data["letter"] ?? data["phase"]) : made(data);
  }
}

function reason(kind: string, data: Data): string {
  if (kind === "conflict.detected") return texts(data["conflicts"])[0] ?? "";
  if (kind === "resolution.proposed") return text(data["text"]);
  if (kind === "task.changed" && !data["reason"]) return text(data["title"]);
  return text(data["reason"] ?? data["failure"] ?? data["text"] ?? data["summary"] ?? data["title"]).split("\n")[0]!;
}

function made(data: Data): string {
  const needs = Array.isArray(data["dependencies"]) ? data["dependencies"].map(need).join(", ") : "";
  return `${text(data["artifact"])} v${text(data["version"])}${needs ? ` needs ${needs}` : ""}`;
}

/** What a project must run in, as one names it: `python3.11-linux`. */
function targets(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.map(record).map(({ python, platform, machine }) => [`python${text(python)}`, text(platform), text(machine)].filter(Boolean).join("-"));
}

function need(dependency: unknown): string {
  const { name, constraint } = record(dependency);
  return `${text(name)}${text(constraint)}`;
}

function named(conflicts: unknown): string[] {
  return Array.isArray(conflicts) ? conflicts.map((each) => text(record(each)["id"] ?? each)) : [];
}

function texts(conflicts: unknown): string[] {
  return Array.isArray(conflicts) ? conflicts.map((each) => text(record(each)["text"])) : [];
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map(text).join(", ") : text(values);
}

function record(value: unknown): Data {
  return typeof value === "object" && value !== null ? (value as Data) : {};
}

function phase(value: unknown): string {
  return text(value).toLowerCase().replaceAll("_", " ");
}

function text(value: unknown): string {
  return value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
}

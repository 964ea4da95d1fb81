import { describe, expect, test } from "vitest";
import type { LogEvent } from "../src/live/event";
import { ending } from "../src/screens/project/ending";

const event = (kind: string, data: object, project = "rag") => ({ kind, project, stored: { data } }) as unknown as LogEvent;
const of = (conflict: string, resolution: string, more: object = {}) => ({ conflict, resolution, ...more });

describe("how the last attempt at a conflict ended", () => {
  const refused = event("resolution.refused", of("C-1", "R-1", { reason: "bob says no: it breaks." }));
  const failed = event("resolution.failed", of("C-1", "R-2", { reason: "[sealed:1:x] is gone meanwhile" }));

  test("is told with its reason when an owner said no, and when nothing came of it", () => {
    expect(ending([refused], "rag", "C-1")).toEqual({ resolution: "R-1", isRefused: true, reason: "bob says no: it breaks" });
    expect(ending([refused, failed], "rag", "C-1")).toEqual({ resolution: "R-2", isRefused: false, reason: "[sealed] is gone meanwhile" });
  });

  test("is not told of another conflict, of another project, or when there was an attempt since", () => {
    expect(ending([refused], "rag", "C-2")).toBeNull();
    expect(ending([refused], "other", "C-1")).toBeNull();
    expect(ending([refused, event("artifact.amended", { artifact: "a" })], "rag", "C-1")).not.toBeNull();
    for (const kind of ["requested", "proposed", "applied"]) expect(ending([refused, event(`resolution.${kind}`, of("C-1", "R-3"))], "rag", "C-1")).toBeNull();
    expect(ending([], "rag", "C-1")).toBeNull();
  });
});

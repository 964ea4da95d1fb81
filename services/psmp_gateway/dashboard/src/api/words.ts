// The words of the API, by the names that the screens use; the types are made from docs/openapi.json.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Status = Schemas["Status"];
export type Conflict = Schemas["Conflict"];
export type ConflictState = Schemas["ConflictState"];
export type Party = Schemas["Party"];
export type Suggestion = Schemas["Suggestion"];
export type Change = Schemas["Change"];
export type Artifact = Schemas["ArtifactStatus"];
export type Dependency = Schemas["Dependency"];
export type PathClaim = Schemas["PathClaim"];
export type Slot = Schemas["SlotStatus"];
export type Waiting = Schemas["WaitingStatus"];
export type Resolution = Schemas["ResolutionStatus"];
export type Waiver = Schemas["WaiverStatus"];
export type Planned = Schemas["Planned"];
export type Policy = Schemas["Policy"];
export type PolicyChange = Schemas["PolicyChange"];
export type ProjectChange = Schemas["ChangeProject"];
export type TaskPlan = Schemas["CreateTask"];
export type TaskChange = Schemas["TaskChange"];
export type Target = Schemas["Target"];
export type Alert = Schemas["AlertStatus"];
export type AlertLine = Schemas["AlertLine"];
export type ProjectLine = Schemas["ProjectLine"];
export type ProblemBody = Schemas["Problem"];
export type Phase = Schemas["Phase"];
export type Severity = Schemas["Severity"];
export type BlockingReport = Schemas["BlockingReport"];
export type BlockedProject = Schemas["BlockedProject"];
export type NumberLine = Schemas["NumberLine"];
export type Stretch = Schemas["Stretch"];
export type Lane = Schemas["VersionLane"];
export type Session = Schemas["Session"];
export type Logins = Schemas["Logins"];

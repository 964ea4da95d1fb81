// PSMP over HTTP: what can be asked and said, and what happens, live. `psmp/nats` is the same without the gateway.
export { items, Project, Psmp } from "./client.js";
export { Damaged, PsmpError, PsmpProblem, Unreachable, Unsettled } from "./errors.js";
export type { Exported } from "./exported.js";
export type { Asked, How, Patience, Place, Told } from "./http.js";
export type { Following, Happened, Live, Resync } from "./live.js";
export type { Event, EventOf, Events } from "./generated/contract.js";
export type * from "./generated/rest.js";

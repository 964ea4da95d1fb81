// Why a form is not there: what whoever is signed in may not do, and who may.
import { type Permission, ROLES } from "../api/roles";
import { may } from "../api/session";
import { useWho } from "../live/use";
import { listed } from "./words";

/** Nothing for who may; else why not. `to` goes on from “to ...”. */
export function Lacking({ permission, to }: { permission: Permission; to: string }) {
  const who = useWho();
  if (who.state !== "in" || may(permission)) return null;
  return (
    <p className="hint lacking" data-lacking={permission}>
      You are here as {who.session.role}{who.session.role === "viewer" ? ", and may look" : ""}. To {to} takes a key with the role {listed(ROLES[permission], "or")}.
    </p>
  );
}

// What of a conflict is looked at. It stands in the address, and counts only where that names the conflict.
import { go, usePath, useQuery } from "../../routing/address";
import { projectPath } from "../../routing/routes";

/** One word of the address about a conflict; "" is none. Setting one takes the others of `instead` out. */
export function useOf(name: string, project: string, conflict: string, instead: readonly string[] = []): [string, (value: string) => void] {
  const [said] = useQuery(name);
  const here = projectPath(project, "overview", conflict);
  const isHere = usePath() === here;
  return [
    isHere ? said : "",
    (next) => {
      const query = new URLSearchParams(location.search);
      for (const each of [name, ...instead]) query.delete(each);
      if (next !== "") query.set(name, next);
      const asked = query.toString();
      go(asked ? `${here}?${asked}` : here, { replace: true });
    },
  ];
}

/** Which suggestion is looked at. */
export function useChosen(project: string, conflict: string): [number | null, (n: number | null) => void] {
  const [said, set] = useOf("suggestion", project, conflict);
  return [/^[1-9]\d*$/.test(said) ? Number(said) : null, (next) => set(next === null ? "" : String(next))];
}

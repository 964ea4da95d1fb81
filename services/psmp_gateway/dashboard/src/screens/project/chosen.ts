// Which suggestion of a conflict is looked at. It stands in the address, and counts only where that names the conflict.
import { go, usePath, useQuery } from "../../routing/address";
import { projectPath } from "../../routing/routes";

export function useChosen(project: string, conflict: string): [number | null, (n: number | null) => void] {
  const [said] = useQuery("suggestion");
  const here = projectPath(project, "overview", conflict);
  const isHere = usePath() === here;
  const n = /^[1-9]\d*$/.test(said) ? Number(said) : null;
  return [
    isHere ? n : null,
    (next) => {
      const query = new URLSearchParams(location.search);
      if (next === null) query.delete("suggestion");
      else query.set("suggestion", String(next));
      const asked = query.toString();
      go(asked ? `${here}?${asked}` : here, { replace: true });
    },
  ];
}

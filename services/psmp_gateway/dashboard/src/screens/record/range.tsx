// From when until when, in UTC; both stand in the address.
import { useQuery } from "../../routing/address";

export function Range() {
  const [since, setSince] = useQuery("since");
  const [until, setUntil] = useQuery("until");
  return (
    <>
      <Moment name="From (UTC)" value={since} onChange={setSince} />
      <Moment name="until (UTC)" value={until} onChange={setUntil} />
    </>
  );
}

function Moment({ name, value, onChange }: { name: string; value: string; onChange: (value: string) => void }) {
  return (
    <label className="field">
      {name}
      <input type="datetime-local" value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}

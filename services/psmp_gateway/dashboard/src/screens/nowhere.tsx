// There is nothing at this address.
import { useTitle } from "../parts/title";
import { Link } from "../routing/link";
import { BASE } from "../routing/routes";

export function Nowhere() {
  useTitle("Nothing here");
  return (
    <section className="page">
      <h1 tabIndex={-1}>There is nothing at this address</h1>
      <p>
        <Link href={`${BASE}/`}>All projects</Link>
      </p>
    </section>
  );
}

// A part of a screen that is being read.
export function Loading({ what }: { what: string }) {
  return (
    <p className="loading" role="status">
      reading {what} …
    </p>
  );
}

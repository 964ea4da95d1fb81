// A table that is a list of small blocks on a phone, and a table to a screen reader on both.
import type { Key, ReactNode } from "react";

export interface Column<R> {
  head: string;
  cell: (row: R) => ReactNode;
  /** This cell names its row. */
  names?: boolean;
  number?: boolean;
  /** Left out while no row has anything in it. */
  optional?: boolean;
}

interface TableProps<R> {
  label: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  keyOf: (row: R) => Key;
  tone?: (row: R) => string | undefined;
}

function isVoid(content: ReactNode): boolean {
  return content === "" || content === null || content === undefined;
}

export function Table<R>({ label, columns: all, rows, keyOf, tone }: TableProps<R>) {
  const columns = all.filter(({ optional, cell }) => !optional || rows.some((row) => !isVoid(cell(row))));
  return (
    <table className="stack" role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ head, number }) => (
            <th key={head} role="columnheader" scope="col" className={number ? "number" : undefined}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row" className={tone?.(row)}>
            {columns.map(({ head, cell, names, number }) => {
              const content = cell(row);
              const about = { className: [number ? "number" : "", isVoid(content) ? "void" : ""].join(" ").trim() || undefined, "data-head": head };
              return names ? (
                <th key={head} role="rowheader" scope="row" {...about}>
                  {content}
                </th>
              ) : (
                <td key={head} role="cell" {...about}>
                  <div>{content}</div>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

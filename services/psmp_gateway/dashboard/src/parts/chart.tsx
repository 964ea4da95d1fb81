// A chart of bars or lines over time, drawn, or as a table that says the same.
import { useEffect, useRef, useState } from "react";
import { useQuery } from "../routing/address";
import { figure, labelledPlaces, roundedUp } from "./reckoning";
import { Table } from "./table";

export interface Row {
  readonly name: string;
  /** How it is drawn: a class of `record.css`. */
  readonly look: string;
  /** One for each label; null where there is nothing to say. */
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  id: string;
  title: string;
  unit: string;
  form: "bars" | "lines";
  labels: readonly string[];
  rows: readonly Row[];
}

const HEIGHT = 180;
const LEFT = 46;
const BELOW = 22;
const ABOVE = 8;

export function Chart(props: ChartProps) {
  const { id, title, rows } = props;
  const [tables, setTables] = useQuery("tables");
  const shown = tables.split(",").filter(Boolean);
  const isTable = shown.includes(id);
  const isEmpty = rows.every(({ values }) => values.every((value) => !value));
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{title}</h2>
        <button type="button" className="plain" aria-pressed={isTable} aria-label={`${isTable ? "Draw it" : "Show as a table"}: ${title}`} onClick={() => setTables((isTable ? shown.filter((each) => each !== id) : [...shown, id]).join(","))}>
          {isTable ? "Draw it" : "Show as a table"}
        </button>
      </figcaption>
      {isEmpty ? <p className="none">Nothing of it in this time.</p> : isTable ? <AsTable {...props} /> : <Drawing {...props} />}
    </figure>
  );
}

function AsTable({ title, unit, labels, rows }: ChartProps) {
  const lines = labels.map((label, place) => ({ label, place })).filter(({ place }) => rows.some(({ values }) => values[place]));
  return (
    <Table
      label={`${title}, ${unit}; where nothing is said there was nothing`}
      rows={lines}
      keyOf={({ label, place }) => `${label}/${place}`}
      columns={[
        { head: "From", names: true, cell: ({ label }) => label },
        ...rows.map(({ name, values }) => ({ head: name, number: true, cell: ({ place }: { place: number }) => (values[place] ? figure(values[place]) : "") })),
      ]}
    />
  );
}

function Drawing({ title, unit, form, labels, rows }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(200, Math.round(entry.contentRect.width))));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const sums = labels.map((_, place) => (form === "bars" ? rows.reduce((sum, { values }) => sum + (values[place] ?? 0), 0) : Math.max(0, ...rows.map(({ values }) => values[place] ?? 0))));
  const top = roundedUp(Math.max(...sums));
  const isWhole = rows.every(({ values }) => values.every((value) => value === null || Number.isInteger(value)));
  const ticks = [0, top / 2, top].filter((value) => !isWhole || Number.isInteger(value));
  const step = (width - LEFT) / labels.length;
  const y = (value: number) => ABOVE + (HEIGHT - ABOVE - BELOW) * (1 - value / top);
  const named = labelledPlaces(labels.length, step, 48);
  const most = Math.max(...sums);
  return (
    <div ref={box} className="drawn">
      <svg width={width} height={HEIGHT} role="img" aria-label={`${title}: at most ${figure(most)} ${unit}, ${labels[sums.indexOf(most)]}; last ${figure(sums.at(-1) ?? 0)}`}>
        {ticks.map((value) => (
          <g key={value}>
            <line className="grid" x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">
              {figure(value)}
            </text>
          </g>
        ))}
        {labels.map((label, place) =>
          named.has(place) ? (
            <text key={place} x={Math.min(width, LEFT + step * (place + 0.5) + 16)} y={HEIGHT - 5} textAnchor="end">
              {label}
            </text>
          ) : null,
        )}
        {form === "bars" ? <Bars rows={rows} step={step} y={y} /> : rows.map((row) => <Line key={row.name} row={row} step={step} y={y} />)}
      </svg>
      <ul className="legend" aria-label={`What is drawn, ${unit}`}>
        {rows.map(({ name, look }) => (
          <li key={name}>
            <svg width="22" height="10" aria-hidden="true">
              {form === "bars" ? <rect className={look} x="4" width="14" height="10" /> : <line className={look} x1="0" x2="22" y1="5" y2="5" />}
            </svg>
            {name}
          </li>
        ))}
        <li className="hint">{unit}</li>
      </ul>
    </div>
  );
}

interface Scaled {
  step: number;
  y: (value: number) => number;
}

function Bars({ rows, step, y }: Scaled & { rows: readonly Row[] }) {
  const wide = Math.max(2, Math.min(28, step - 2));
  return rows[0]!.values.map((_, place) => {
    let below = 0;
    return rows.map(({ name, look, values }) => {
      const value = values[place] ?? 0;
      if (!value) return null;
      below += value;
      return <rect key={`${place}/${name}`} className={look} x={LEFT + step * (place + 0.5) - wide / 2} width={wide} y={y(below)} height={Math.max(1, y(0) - y(value) - 1)} />;
    });
  });
}

/** A line through what is known, broken where nothing is; what stands alone is a dot. */
function Line({ row, step, y }: Scaled & { row: Row }) {
  const places = row.values.map((value, place) => (value === null ? null : [LEFT + step * (place + 0.5), y(value)] as const));
  const path = places.map((here, place) => (here === null ? "" : `${places[place - 1] ? "L" : "M"}${here[0].toFixed(1)} ${here[1].toFixed(1)}`)).join("");
  return (
    <g className={row.look}>
      <path d={path} />
      {places.map((here, place) => (here !== null && !places[place - 1] && !places[place + 1] ? <circle key={place} cx={here[0]} cy={here[1]} r={3} /> : null))}
    </g>
  );
}

// A clash of versions, drawn: one lane for each party, and below them what all could have at once. A table says the same.
import { useEffect, useId, useRef, useState } from "react";
import type { NumberLine } from "../../api/words";
import { Table } from "../../parts/table";
import { useQuery } from "../../routing/address";
import { type Bar, type Row, bar, labelled, rows, scale, stretchesWords } from "./line";

const LANE = 42;
const TOP = 26;

export function NumberLineFigure({ line, way }: { line: NumberLine; way: number | null }) {
  const [form, setForm] = useQuery("line", "drawn");
  const drawn = rows(line, way);
  const isClash = drawn.common.length === 0;
  const caption = isClash
    ? `No version of ${line.subject} is admitted by all.`
    : `All could have ${line.subject} ${stretchesWords(drawn.common)}.`;
  return (
    <figure className="numberline">
      <figcaption>
        <span aria-live="polite">
          {way === null ? "" : `With suggestion ${way}: `}
          {caption}
        </span>
        <button type="button" className="plain" aria-pressed={form === "table"} onClick={() => setForm(form === "table" ? "drawn" : "table")}>
          {form === "table" ? "Show the line" : "Show as a table"}
        </button>
      </figcaption>
      {form === "table" ? <AsTable {...drawn} /> : <Drawing line={line} {...drawn} label={caption} />}
    </figure>
  );
}

function AsTable({ rows: found, common }: ReturnType<typeof rows>) {
  const all: Row = { artifact: "all together", agent: "", constraint: "", stretches: common, before: null, leaves: false };
  return (
    <Table
      label="What each party admits"
      rows={[...found, all]}
      keyOf={(row) => row.artifact}
      columns={[
        { head: "Who", cell: (row) => row.agent || "all together", names: true },
        { head: "Artifact", cell: (row) => (row.agent ? row.artifact : "") },
        { head: "Needs", cell: (row) => (row.agent ? <code>{row.constraint || "any"}</code> : "") },
        { head: "Admits", cell: (row) => (row.leaves ? "has an environment of its own" : stretchesWords(row.stretches)) },
      ]}
    />
  );
}

function Drawing({ line, rows: found, common, label }: { line: NumberLine; label: string } & ReturnType<typeof rows>) {
  const box = useRef<HTMLDivElement>(null);
  const hatch = useId();
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(160, Math.round(entry.contentRect.width))));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const points = line.points ?? [];
  const scaled = scale(points, width);
  const height = TOP + LANE * found.length + 14;
  return (
    <div className="lanes" ref={box}>
      <svg width={width} height={height} role="img" aria-label={`${label} ${found.map((row) => `${row.agent} admits ${stretchesWords(row.stretches)}`).join("; ")}.`}>
        <defs>
          <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <path d="M0 0v6" className="hatch" />
          </pattern>
        </defs>
        {points.map((point) => (
          <line key={point} className="grid" x1={scaled.places.get(point)} x2={scaled.places.get(point)} y1={TOP - 6} y2={height} />
        ))}
        {labelled(points, width).map((point) => (
          <text key={point} className="label" x={scaled.places.get(point)} y={12} textAnchor="middle">
            {point}
          </text>
        ))}
        {common.map((stretch, place) => {
          const { from, to } = bar(stretch, scaled);
          return <rect key={place} className="common" x={from - (to === from ? 5 : 0)} width={Math.max(10, to - from)} y={TOP - 6} height={height - TOP + 6} fill={`url(#${hatch})`} />;
        })}
        {found.map((row, place) => (
          <Lane key={row.artifact} row={row} bars={row.leaves ? [] : row.stretches.map((each) => bar(each, scaled))} y={TOP + LANE * place + 30} width={width} />
        ))}
      </svg>
    </div>
  );
}

function Lane({ row, bars, y, width }: { row: Row; bars: readonly Bar[]; y: number; width: number }) {
  const shown = row.leaves ? `${row.agent} · elsewhere` : row.agent;
  return (
    <g className={row.before !== null || row.leaves ? "lane changed" : "lane"}>
      <line className="axis" x1={0} x2={width} y1={y} y2={y} />
      <text className="who" x={0} y={y - 12}>
        {shown}
        <tspan className="what" dx={8}>
          {row.before === null ? null : (
            <tspan className="was">{row.before}</tspan>
          )}
          {row.before === null ? "" : " → "}
          {row.leaves ? "" : row.constraint || "any"}
        </tspan>
      </text>
      {bars.map(({ from, to, left, right }) => (
        <g key={`${from}-${to}`}>
          <line className="bar" x1={from} x2={to} y1={y} y2={y} />
          {left === "endless" ? <path className="arrow" d={`M${from + 7} ${y - 4}l-6 4l6 4`} /> : <circle className={`end ${left}`} cx={from} cy={y} r={4} />}
          {right === "endless" ? <path className="arrow" d={`M${to - 7} ${y - 4}l6 4l-6 4`} /> : <circle className={`end ${right}`} cx={to} cy={y} r={4} />}
        </g>
      ))}
    </g>
  );
}

// Small marks for states. Each has a shape and a word besides its colour.
import type { Phase, Severity } from "../api/words";
import { phrase } from "./words";

type Tone = "bad" | "warn" | "good" | "quiet" | "info";

const PHASES: Record<Phase, [Tone, string]> = {
  INITIALIZED: ["quiet", "○"],
  PLANNING: ["info", "◔"],
  IN_PROGRESS: ["good", "▶"],
  BLOCKED: ["bad", "■"],
  RESOLVING: ["warn", "◆"],
  COMPLETED: ["good", "✓"],
  ARCHIVED: ["quiet", "▽"],
};

const SEVERITIES: Record<Severity, [Tone, string]> = {
  critical: ["bad", "▲"],
  high: ["bad", "△"],
  medium: ["warn", "△"],
  low: ["quiet", "△"],
};

export function Badge({ tone, mark, children }: { tone: Tone; mark?: string; children: string }) {
  return (
    <span className={`badge ${tone}`}>
      {mark ? <span aria-hidden="true">{mark}</span> : null}
      {children}
    </span>
  );
}

export function PhaseBadge({ phase }: { phase: Phase }) {
  const [tone, mark] = PHASES[phase];
  return (
    <Badge tone={tone} mark={mark}>
      {phrase(phase)}
    </Badge>
  );
}

export function SeverityBadge({ severity }: { severity: Severity }) {
  const [tone, mark] = SEVERITIES[severity];
  return (
    <Badge tone={tone} mark={mark}>
      {severity}
    </Badge>
  );
}

export function toneOf(phase: Phase): Tone {
  return PHASES[phase][0];
}

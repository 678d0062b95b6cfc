// Input of every part of the lowering: the description, positions of its lines, and a collector of findings.
import type { z } from "zod";
import { DEFAULTS } from "../description/defaults.ts";
import type { edge } from "../description/schema/edge.ts";
import type { FindingCode } from "../findings/codes.ts";
import type { Finding, Fix, Position, Severity } from "../findings/finding.ts";
import { nearest } from "../findings/nearest.ts";
import { type Described, type DescriptionPath, describedEdge, type PositionOf } from "./described.ts";

export type { DescriptionPath } from "./described.ts";

/** A description that passed the schema. */
export type Edge = z.output<typeof edge>;

export type DescribedTls = NonNullable<NonNullable<Edge["public"]>["tls"]>;

export interface Lowering {
  readonly edge: Edge;
  /** The edge's, which Services without one have too. */
  readonly namespace: string;
  /** The same, with its places. */
  readonly described: Described<Edge>;
  readonly at: (path: DescriptionPath, key?: boolean) => Position | undefined;
  readonly report: (finding: NewFinding) => void;
}

export interface NewFinding {
  readonly code: FindingCode;
  readonly severity?: Severity;
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
  readonly path: DescriptionPath;
  /** Point at the key rather than at the value. */
  readonly key?: boolean;
  /** The fix, if it is safe; omitted if the description has no such place. */
  readonly fix?: Fix | undefined;
  /** Another place that the finding is about, and its role. */
  readonly also?: { readonly path: DescriptionPath; readonly note: string };
}

export function openLowering(
  edge: Edge,
  positionOf: PositionOf,
): Lowering & { readonly findings: readonly Finding[] } {
  const { namespace = DEFAULTS.namespace } = edge;
  return { edge, namespace, described: describedEdge(edge, positionOf), ...openReports(positionOf) };
}

/** Collects findings about a text, and has the positions of its values. */
export function openReports(
  positionOf: PositionOf,
): Pick<Lowering, "at" | "report"> & { readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const reported = new Set<string>();
  const at = (path: DescriptionPath, key = false) => positionOf(path, { key });
  const report = ({ code, severity = "error", what, why, remedy, path, key, also, fix }: NewFinding) => {
    // Two parts of the lowering may find the same mistake.
    const identity = JSON.stringify([code, what, path]);
    if (reported.has(identity)) return;
    reported.add(identity);
    const other = also && at(also.path);
    const places = [at(path, key), other && { ...other, ...(also && { note: also.note }) }];
    findings.push({
      code,
      severity,
      what,
      why,
      remedy,
      at: places.filter((place) => place !== undefined),
      ...(fix !== undefined && { fix }),
    });
  };
  return { at, report, findings };
}

/** `app` → "did you mean `api`?", or the list of valid names. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  const shown = known.slice(0, 8).map((one) => `\`${one}\``);
  return known.length === 0
    ? ""
    : `The valid names are ${shown.join(", ")}${known.length > shown.length ? " and others" : ""}.`;
}

// Expectations from a separate file, for layers without a description.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import type { Finding, Outcome, Position } from "../findings/finding.ts";
import type { Path } from "../source/data.ts";
import { expectationOfLayers } from "./schema/expectation.ts";
import { invariant } from "./schema/invariant.ts";
import { readText } from "./source/read-text.ts";
import { readYaml } from "./source/read-yaml.ts";
import { validateAs } from "./validation/validate.ts";

export interface LoadedExpectations {
  readonly expectations: readonly z.output<typeof expectationOfLayers>[];
  /** Where the list is in the text: at the top level, or under `expect`. */
  readonly path: Path;
  /** Under `invariants`. */
  readonly invariants: readonly z.output<typeof invariant>[];
  positionOf(path: Path, options?: { readonly key?: boolean }): Position | undefined;
}

export type ExpectationsOutcome = Outcome<LoadedExpectations> & {
  readonly sources: ReadonlyMap<string, string>;
};

const listed = z.array(expectationOfLayers).min(1, "the list of expectations is empty");
const REMEDY = "Write a list: `- { get: https://host/path, status: 200 }`.";
const file = z.strictObject({ expect: listed });
const fileWithInvariants = z.strictObject({
  expect: listed.optional(),
  invariants: z.array(invariant).min(1, "the list of invariants is empty"),
});

/**
 * Reads a YAML file that is a list of expectations, or has one under `expect`; the other keys of a complete
 * description are ignored. Throws for a missing file (ENOENT); never for its content.
 */
export async function loadExpectations(named: string, cwd: string): Promise<ExpectationsOutcome> {
  const path = resolve(cwd, named);
  const text = readText({ name: named, path, kind: "yaml", bytes: statSync(path).size });
  if (text.value === undefined) return { findings: text.findings, sources: new Map() };
  const sources = new Map([[named, text.value]]);
  const read = await readYaml(text.value, named);
  if (read.value === undefined)
    return {
      findings: read.findings.map((one) => (one.code === "description-empty" ? nothingIn(named, one) : one)),
      sources,
    };
  const value = withoutDescription(read.value.data);
  const { places } = read.value;
  if (typeof value !== "object" || value === null)
    return { findings: [noList(`${named} is not a list of expectations`, places.positionOf([]))], sources };
  if (Array.isArray(value) && value.length === 0)
    return { findings: [noList(`the list in ${named} is empty`, places.positionOf([]))], sources };
  if (Array.isArray(value)) {
    const { value: expectations, findings } = validateAs(listed, value, places);
    return expectations === undefined
      ? { findings, sources }
      : {
          value: { expectations, path: [], invariants: [], positionOf: places.positionOf },
          findings,
          sources,
        };
  }
  const { value: whole, findings } =
    "invariants" in value
      ? validateAs(fileWithInvariants, value, places)
      : withoutInvariants(validateAs(file, value, places));
  return whole === undefined
    ? { findings, sources }
    : {
        value: {
          expectations: whole.expect ?? [],
          path: ["expect"],
          invariants: whole.invariants ?? [],
          positionOf: places.positionOf,
        },
        findings,
        sources,
      };
}

function withoutInvariants({ value, findings }: Outcome<z.output<typeof file>>) {
  return { findings, value: value && { ...value, invariants: [] } };
}

function withoutDescription(value: unknown): unknown {
  const described = typeof value === "object" && value !== null && "edge" in value;
  if (!described) return value;
  const { expect, invariants } = value as { readonly expect?: unknown; readonly invariants?: unknown };
  return { expect, ...(invariants !== undefined && { invariants }) };
}

function nothingIn(named: string, finding: Finding): Finding {
  return { ...finding, what: `${named} has no expectations`, remedy: REMEDY };
}

function noList(what: string, at: Position | undefined): Finding {
  return {
    code: "wrong-type",
    severity: "error",
    what,
    why: "No request would be sent.",
    remedy: REMEDY,
    at: at === undefined ? [] : [at],
  };
}

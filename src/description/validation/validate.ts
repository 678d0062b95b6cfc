// Validates a value against the schema: every issue of zod becomes a finding about the evident intention.
import type { z } from "zod";
import type { Finding, Outcome } from "../../findings/finding.ts";
import type { Path } from "../../source/data.ts";
import { edge } from "../schema/edge.ts";
import {
  emptyMap,
  invalid,
  invalidKey,
  missingKey,
  type Places,
  unknownKey,
  unknownValue,
  wrongType,
} from "./mistakes.ts";
import {
  bestOption,
  choicesAt,
  choicesOf,
  type Field,
  fieldAt,
  fieldOf,
  fits,
  isMap,
} from "./schema-shape.ts";
import { withoutSecrets } from "./secret-values.ts";
import { valueText } from "./words.ts";

/** Enough to show the pattern of repeated mistakes. */
const MAX_FINDINGS = 1000;

type Issue = z.core.$ZodIssue;

/** The edge that a value describes, or a finding for every mistake, in the order of the text. */
export function validateEdge(value: unknown, places: Places): Outcome<z.output<typeof edge>> {
  return validateAs(edge, value, places);
}

/** As `validateEdge`, for another schema. */
export function validateAs<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  places: Places,
): Outcome<z.output<Schema>> {
  // Zod's own messages are never shown: an empty message marks an issue for which the schema has no message.
  const result = schema.safeParse(value, { error: () => "" });
  if (result.success) return { value: result.data, findings: [] };
  const findings = result.error.issues
    .slice(0, MAX_FINDINGS)
    .flatMap((issue) => findingsOf(places, issue, schema, value, []));
  const shown = inTextOrder(withoutDuplicates(findings).slice(0, MAX_FINDINGS));
  return { findings: withoutSecrets(shown, value) };
}

/** `schema` and `value` are at `base`; the path of the issue is relative to it. */
function findingsOf(
  places: Places,
  issue: Issue,
  schema: z.core.$ZodType,
  value: unknown,
  base: Path,
): Finding[] {
  const steps = issue.path as (string | number)[];
  const path = [...base, ...steps];
  const here = steps.reduce<unknown>(
    (held, step) => (held as Record<string | number, unknown> | undefined)?.[step],
    value,
  );
  const field = fieldAt(schema, value, steps);
  if (here === undefined && steps.length > 0) return [missingKey(places, field, path)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, MAX_FINDINGS).map((key) => unknownKey(places, field, path, key, here));
    case "invalid_key":
      return issue.issues.slice(0, 1).map((inner) => invalidKey(places, path, inner.message));
    case "invalid_union":
      return issue.message === ""
        ? findingsOfUnion(places, issue, field, here, path)
        : [invalid(places, field, path, here, issue.message)];
    default:
      return [valueFinding(places, issue, field, path, here)];
  }
}

/** Names the option that fits best, and the others only if several fit equally well. */
function findingsOfUnion(
  places: Places,
  issue: z.core.$ZodIssueInvalidUnion,
  field: Field | undefined,
  value: unknown,
  path: Path,
): Finding[] {
  const def = field?.schema._zod.def;
  if (field === undefined || def?.type !== "union")
    return [invalid(places, field, path, value, "is not allowed here")];
  if (!def.options.some((option) => fits(fieldOf(option).schema, value)))
    return [wrongType(places, field, path, value)];
  const intended = bestOption(def.options, value);
  if (intended === undefined) return unclearMap(places, field, path, value);
  const option = def.options[intended];
  const issues = issue.errors[intended];
  if (option === undefined || issues === undefined || issues.length === 0)
    return [wrongType(places, field, path, value)];
  const choices = choicesOf(fieldOf(option).schema);
  if (choices !== undefined) {
    const all = def.options.flatMap((other) =>
      fits(fieldOf(other).schema, value) ? (choicesOf(fieldOf(other).schema) ?? []) : [],
    );
    return [unknownValue(places, field, path, value, all)];
  }
  const findings = issues.flatMap((inner) =>
    findingsOf(places, withChoicesOfAll(inner, def.options), option, value, path),
  );
  const intendedKeys = new Set(
    findings.flatMap((finding) => (finding.code === "unknown-key" ? [finding.remedy] : [])),
  );
  // `exactt: /x` is one mistake, not an unknown key and a missing one.
  return findings.filter(
    (finding) => finding.code !== "missing-key" || !intendedKeys.has(remedyOfMissing(finding)),
  );
}

/** A discriminator such as `terminatedAt` has one value in each option; all of them are allowed there. */
function withChoicesOfAll(issue: Issue, options: readonly z.core.$ZodType[]): Issue {
  const [key] = issue.path;
  if (issue.code !== "invalid_value" || issue.path.length !== 1 || typeof key !== "string") return issue;
  return {
    ...issue,
    values: [...new Set([...issue.values, ...choicesAt(options, key)])] as typeof issue.values,
  };
}

function remedyOfMissing(finding: Finding): string {
  return finding.remedy.replace(/^Add/, "Write");
}

function unclearMap(places: Places, field: Field, path: Path, value: unknown): Finding[] {
  const keys = isMap(value) ? Object.keys(value) : [];
  if (keys.length > 0)
    return keys.slice(0, MAX_FINDINGS).map((key) => unknownKey(places, field, path, key, value));
  return [emptyMap(places, field, path)];
}

function valueFinding(
  places: Places,
  issue: Issue,
  field: Field | undefined,
  path: Path,
  value: unknown,
): Finding {
  if (issue.code === "invalid_value")
    return issue.message === ""
      ? unknownValue(places, field, path, value, issue.values)
      : invalid(places, field, path, value, issue.message);
  if (issue.code === "invalid_type") {
    const plain = issue.message === "" || issue.message.startsWith("expected text");
    if (field !== undefined && plain && !fits(field.schema, value))
      return wrongType(places, field, path, value);
    if (issue.message === "")
      return invalid(places, field, path, value, `expected a whole number, got ${valueText(value)}`);
    return invalid(places, field, path, value, issue.message);
  }
  return invalid(places, field, path, value, issue.message === "" ? limitText(issue) : issue.message);
}

/** For limits that the schema defines without a message. */
function limitText(issue: Issue): string {
  if (issue.code === "too_small")
    return issue.origin === "string" || issue.origin === "array"
      ? "must not be empty"
      : `must be ${issue.minimum} or more`;
  if (issue.code === "too_big")
    return `must be ${issue.maximum} or less${issue.origin === "string" ? " characters long" : ""}`;
  return "is not of the form that is expected here";
}

/** A value that violates two rules of one field is reported once. */
function withoutDuplicates(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, what }) => {
    const key = `${code} ${what.split(": ")[0]}`;
    if (code !== "invalid-value") return true;
    const first = !seen.has(key);
    seen.add(key);
    return first;
  });
}

function inTextOrder(findings: readonly Finding[]): Finding[] {
  const line = (finding: Finding): number => finding.at[0]?.line ?? 0;
  const column = (finding: Finding): number => finding.at[0]?.column ?? 0;
  return [...findings].sort((a, b) => line(a) - line(b) || column(a) - column(b));
}

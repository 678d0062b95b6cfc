// Checking a value against the schema, and saying what is wrong in the words of who wrote it.
import type { z } from "zod";
import type { Finding, Outcome, Position } from "../../findings/finding.ts";
import { nearest } from "../../findings/nearest.ts";
import type { DescriptionCode } from "../codes.ts";
import { edge } from "../schema/edge.ts";
import type { Path } from "../source/tree.ts";
import { accepts, choicesAt, choicesOf, expectedText, type Field, fieldAt, fieldOf, fits, isMap, keysOf, optionMeant } from "./schema-shape.ts";
import { oneOf, pathText, shorten, valueText } from "./words.ts";

/** Where a path leads in the text, and how its value is spelt there. */
export interface Places {
  positionOf(path: Path, options?: { readonly key?: boolean }): Position | undefined;
  /** The value as it is written, when it is one word of YAML. */
  spellingOf(path: Path): string | undefined;
}

/** Enough to see the pattern; a description that is wrong ten thousand times is wrong once. */
const MAX_FINDINGS = 1000;

type Issue = z.core.$ZodIssue;

interface Context {
  readonly root: unknown;
  readonly places: Places;
}

/** The edge that a value describes, or a finding for every mistake, in the order of the text. */
export function validateEdge(value: unknown, places: Places): Outcome<z.output<typeof edge>> {
  // Zod's own wording never reaches a person: an empty message marks an issue for which the schema has no words.
  const result = edge.safeParse(value, { error: () => "" });
  if (result.success) return { value: result.data, findings: [] };
  const context = { root: value, places };
  const findings = result.error.issues.slice(0, MAX_FINDINGS).flatMap((issue) => findingsOf(context, issue, edge, value, []));
  return { findings: inTextOrder(findings.slice(0, MAX_FINDINGS)) };
}

/** `schema` and `value` stand at `base`; the issue's path goes on from there. */
function findingsOf(context: Context, issue: Issue, schema: z.core.$ZodType, value: unknown, base: Path): Finding[] {
  const steps = issue.path as (string | number)[];
  const path = [...base, ...steps];
  const here = steps.reduce<unknown>((held, step) => (held as Record<string | number, unknown> | undefined)?.[step], value);
  const field = fieldAt(schema, value, steps);
  if (here === undefined && steps.length > 0) return [missingKey(context, field, path)];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, MAX_FINDINGS).map((key) => unknownKey(context, field, path, key, here));
    case "invalid_key":
      return issue.issues.slice(0, 1).map((inner) => invalidKey(context, path, inner.message));
    case "invalid_union":
      return issue.message === "" ? findingsOfUnion(context, issue, field, here, path) : [invalid(context, field, path, here, issue.message)];
    default:
      return [valueFinding(context, issue, field, path, here)];
  }
}

/** Speaks of the option that was meant, and of the others only when nothing tells. */
function findingsOfUnion(context: Context, issue: z.core.$ZodIssueInvalidUnion, field: Field | undefined, value: unknown, path: Path): Finding[] {
  const def = field?.schema._zod.def;
  if (field === undefined || def?.type !== "union") return [invalid(context, field, path, value, "is nothing that can stand here")];
  if (!def.options.some((option) => fits(fieldOf(option).schema, value))) return [wrongType(context, field, path, value)];
  const meant = optionMeant(def.options, value);
  if (meant === undefined) return unclearMap(context, field, path, value);
  const option = def.options[meant];
  const issues = issue.errors[meant];
  if (option === undefined || issues === undefined || issues.length === 0) return [wrongType(context, field, path, value)];
  const choices = choicesOf(fieldOf(option).schema);
  if (choices !== undefined) {
    const all = def.options.flatMap((other) => (fits(fieldOf(other).schema, value) ? (choicesOf(fieldOf(other).schema) ?? []) : []));
    return [unknownValue(context, field, path, value, all)];
  }
  const findings = issues.flatMap((inner) => findingsOf(context, withChoicesOfAll(inner, def.options), option, value, path));
  const meantKeys = new Set(findings.flatMap((finding) => (finding.code === "unknown-key" ? [finding.remedy] : [])));
  // `exactt: /x` is one mistake, not an unknown key and a missing one.
  return findings.filter((finding) => finding.code !== "missing-key" || !meantKeys.has(remedyOfMissing(finding)));
}

/** A mark such as `endsAt` has one value in each option; what may stand there are all of them. */
function withChoicesOfAll(issue: Issue, options: readonly z.core.$ZodType[]): Issue {
  const [key] = issue.path;
  if (issue.code !== "invalid_value" || issue.path.length !== 1 || typeof key !== "string") return issue;
  return { ...issue, values: [...new Set([...issue.values, ...choicesAt(options, key)])] as typeof issue.values };
}

function remedyOfMissing(finding: Finding): string {
  return finding.remedy.replace(/^Add/, "Write");
}

function unclearMap(context: Context, field: Field, path: Path, value: unknown): Finding[] {
  const keys = isMap(value) ? Object.keys(value) : [];
  if (keys.length > 0) return keys.slice(0, MAX_FINDINGS).map((key) => unknownKey(context, field, path, key, value));
  return [make(context, "missing-key", `${named(path)} is an empty map`, because(field), `Give it one of ${oneOf(keysOf(field.schema).map((key) => `\`${key}\``))}.`, context.places.positionOf(path))];
}

function valueFinding(context: Context, issue: Issue, field: Field | undefined, path: Path, value: unknown): Finding {
  if (issue.code === "invalid_value") return issue.message === "" ? unknownValue(context, field, path, value, issue.values) : invalid(context, field, path, value, issue.message);
  if (issue.code === "invalid_type") {
    const plain = issue.message === "" || issue.message.startsWith("expected text");
    if (field !== undefined && plain && !fits(field.schema, value)) return wrongType(context, field, path, value);
    if (issue.message === "") return invalid(context, field, path, value, `expected a whole number, got ${valueText(value)}`);
    return invalid(context, field, path, value, issue.message);
  }
  return invalid(context, field, path, value, issue.message === "" ? limitText(issue) : issue.message);
}

/** For limits that the schema states without words. */
function limitText(issue: Issue): string {
  if (issue.code === "too_small") return issue.origin === "string" || issue.origin === "array" ? "must not be empty" : `must be ${issue.minimum} or more`;
  if (issue.code === "too_big") return `must be ${issue.maximum} or less${issue.origin === "string" ? " characters long" : ""}`;
  return "is not of the form that is expected here";
}

function unknownKey(context: Context, field: Field | undefined, path: Path, key: string, object: unknown): Finding {
  const known = field === undefined ? [] : keysOf(field.schema);
  const free = known.filter((name) => !isMap(object) || !Object.hasOwn(object, name));
  const near = nearest(key, free) ?? nearest(key, known);
  const where = path.length === 0 ? "" : ` in ${named(path)}`;
  const what = near === undefined ? `unknown key \`${shorten(key, 60)}\`${where}` : `unknown key \`${shorten(key, 60)}\`${where}: did you mean \`${near}\`?`;
  const at = context.places.positionOf([...path, key], { key: true });
  if (near !== undefined) return make(context, "unknown-key", what, "A key that nobody reads would silently count for nothing.", `Write \`${near}\`.`, at);
  return make(context, "unknown-key", what, `Known there: ${known.join(", ")}.`, "Remove it, or write one of those.", at);
}

function missingKey(context: Context, field: Field | undefined, path: Path): Finding {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const what = path.length === 1 ? `the key \`${key}\` is missing` : `the key \`${key}\` is missing in ${named(parent)}`;
  const at = context.places.positionOf(parent, { key: true }) ?? context.places.positionOf(parent);
  return make(context, "missing-key", what, because(field), `Add \`${key}\`.`, at);
}

function wrongType(context: Context, field: Field, path: Path, value: unknown): Finding {
  const expected = expectedText(field.schema);
  const spelt = context.places.spellingOf(path) ?? (typeof value === "object" ? undefined : String(value));
  const quotes = (typeof value === "number" || typeof value === "boolean") && spelt !== undefined && accepts(field.schema, spelt);
  const remedy = quotes ? `Put it in quotes: ${JSON.stringify(spelt)}.` : "";
  const what = path.length === 0 ? `a description is a map, not ${valueText(value)}` : `${named(path)}: expected ${oneOf(expected)}, got ${valueText(value)}`;
  return make(context, "wrong-type", what, because(field), path.length === 0 ? "Begin with `edge:` and `sites:`." : remedy, context.places.positionOf(path));
}

function unknownValue(context: Context, field: Field | undefined, path: Path, value: unknown, choices: readonly unknown[]): Finding {
  const words = choices.map(String);
  if (field !== undefined && !fits(field.schema, value)) return wrongType(context, field, path, value);
  const near = typeof value === "string" ? nearest(value, words) : undefined;
  const what = words.length === 1 ? `${named(path)}: only ${words[0]} can stand here, not ${valueText(value)}` : `${named(path)}: ${valueText(value)} is none of ${words.join(", ")}`;
  return make(context, "unknown-value", what, because(field), `Write ${near === undefined ? oneOf(words) : `\`${near}\``}.`, context.places.positionOf(path));
}

function invalidKey(context: Context, path: Path, message: string): Finding {
  return make(context, "invalid-value", `the name ${JSON.stringify(shorten(String(path.at(-1)), 60))} in ${named(path.slice(0, -1))}: ${message}`, "", "", context.places.positionOf(path, { key: true }));
}

function invalid(context: Context, field: Field | undefined, path: Path, value: unknown, message: string): Finding {
  // A number without a unit is answered by a question that holds the remedy.
  const code = typeof value === "number" && message.includes("Write a unit") ? "wrong-type" : "invalid-value";
  return make(context, code, `${named(path)}: ${message}`, because(field), "", context.places.positionOf(path));
}

function make(context: Context, code: DescriptionCode, what: string, why: string, remedy: string, at: Position | undefined): Finding {
  const position = at ?? context.places.positionOf([]);
  return { code, severity: "error", what, why, remedy, at: position === undefined ? [] : [position] };
}

function because(field: Field | undefined): string {
  return field?.description ?? "";
}

function named(path: Path): string {
  return path.length === 0 ? "the description" : `\`${pathText(path)}\``;
}

function inTextOrder(findings: readonly Finding[]): Finding[] {
  const line = (finding: Finding): number => finding.at[0]?.line ?? 0;
  const column = (finding: Finding): number => finding.at[0]?.column ?? 0;
  return [...findings].sort((a, b) => line(a) - line(b) || column(a) - column(b));
}

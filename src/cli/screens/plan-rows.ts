// Generic rows for any part of the plan, by its own names: a new decision has a row without additional code.
import { countOf } from "../../findings/count.ts";
import { maskedHeader } from "../../findings/credentials.ts";
import type { Position } from "../../findings/finding.ts";
import { HiddenText } from "../../findings/hidden-text.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import type { ServerPlan } from "../../plan/backend-plan.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import type { Destination } from "../../plan/kubernetes-plan.ts";
import type { Decided } from "../../plan/plan.ts";
import type { RawLine } from "../../plan/raw-lines.ts";
import type { SecretPlan } from "../../plan/secrets.ts";
import type { RoutePlan, SiteHost } from "../../plan/site-plan.ts";
import { actionText, matchText } from "./route-text.ts";

export interface Row {
  /** Indented by its depth. */
  readonly name: string;
  readonly value: string;
  readonly because?: string | undefined;
  readonly at?: Position | undefined;
}

type Part = Readonly<Record<string, unknown>>;

/** The row of a part, and the values for the rows below it. */
interface Summary {
  readonly name?: string;
  readonly value: string;
  readonly rest?: Part;
}

/** Sites with more routes than this show how many, not which. */
const MOST_ROUTES = 40;

/** Parts with a row of their own form, by the key that has them or a list of them. */
const SUMMARIES: Readonly<Record<string, (part: never) => Summary>> = {
  hosts: ({ kind, name, entrances }: SiteHost) => ({
    name: { exact: name, wildcard: `*.${name}`, any: "*" }[kind],
    value: entrances.join(" "),
  }),
  routes: ({ id: _, match, action, maxBody, ...rest }: RoutePlan) => {
    const {
      kind: __,
      status: ___,
      ...response
    } = action.kind === "respond" ? action : { kind: "", status: 0 };
    const value = `→ ${actionText({ action })}`;
    return { name: matchText({ match }), value, rest: { ...response, maxBody, ...rest } };
  },
  servers: ({ name, host, port, ...rest }: ServerPlan) => ({
    name,
    value: `${host}:${port}`,
    rest: { ...rest },
  }),
  errorPages: ({ status, html }: { readonly status: number; readonly html: string }) => ({
    name: String(status),
    value: countOf(html.length, "character"),
  }),
  password: secretSummary,
  key: secretSummary,
  backendNetworks: destinationSummary,
  nameServers: destinationSummary,
  logServer: destinationSummary,
};

/** Not decisions: places, expectations, and forms of secrets. */
const NO_ROWS: ReadonlySet<string> = new Set(["at", "places", "expectations"]);

/** Rows of every value below; none for what is null, empty or off. */
export function rowsBelow(part: Part, depth: number): readonly Row[] {
  return Object.entries(part).flatMap(([key, value]) => rowsOf(key, value, depth));
}

export function isDecided(value: unknown): value is Decided<unknown> {
  return isPart(value) && "value" in value && "because" in value;
}

/** `maxConnections` → `max connections`; a unit is with the value. `does serve` is not a label and its value. */
export function wordsOf(key: string): string {
  return (key === "does" ? "action" : key)
    .replace(/(Ms|S|Seconds|Minutes|Bytes)$/, "")
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function rowsOf(key: string, value: unknown, depth: number): readonly Row[] {
  if (NO_ROWS.has(key) || value === null || value === undefined || value === false) return [];
  if (Array.isArray(value)) return listRows(key, value, depth);
  if (!isPart(value)) return [{ name: indented(wordsOf(key), depth), value: textOf(key, value) }];
  const summary = SUMMARIES[key];
  if (summary !== undefined && !isDecided(value))
    return summaryRows(summary(value as never), wordsOf(key), depth);
  return partRows(wordsOf(key), key, value, depth);
}

function listRows(key: string, list: readonly unknown[], depth: number): readonly Row[] {
  if (list.length === 0) return [];
  if (key === "raw" || key === "rawGlobal")
    return (list as readonly RawLine[]).map(({ text, at }) => ({
      name: indented("raw", depth),
      value: maskedConfigLine(text),
      at,
    }));
  if (!list.every(isPart)) return [{ name: indented(wordsOf(key), depth), value: textOf(key, list) }];
  if (key === "routes" && list.length > MOST_ROUTES)
    return [{ name: indented("routes", depth), value: countOf(list.length, "route") }];
  const inner = list.flatMap((item, index) => itemRows(key, item, index, depth + 1));
  return [{ name: indented(wordsOf(key), depth), value: "" }, ...inner];
}

function itemRows(key: string, item: Part, index: number, depth: number): readonly Row[] {
  const summary = SUMMARIES[key];
  if (summary !== undefined) return summaryRows(summary(item as never), "", depth);
  const title = (["name", "listener"] as const).find((one) => typeof item[one] === "string");
  if (title === undefined) return partRows(String(index + 1), key, item, depth);
  const { [title]: name, ...rest } = item;
  const masked =
    typeof rest.value === "string" ? { ...rest, value: maskedHeader(String(name), rest.value) } : rest;
  return partRows(String(name), key, masked, depth);
}

/** A decision is one row, with what belongs to it below; another part is a row without a value. */
function partRows(name: string, key: string, part: Part, depth: number): readonly Row[] {
  const { value, because, at, ...rest } = part;
  const own = value === undefined ? "" : textOf(key, value);
  const inner = rowsBelow(rest, depth + 1);
  if (own === "" && because === undefined && inner.length === 0) return [];
  const row: Row = {
    name: indented(name, depth),
    value: own,
    ...(typeof because === "string" && { because }),
    at: at as Position | undefined,
  };
  return [row, ...inner];
}

function summaryRows({ name, value, rest = {} }: Summary, otherName: string, depth: number): readonly Row[] {
  const at = rest.at as Position | undefined;
  return [{ name: indented(name ?? otherName, depth), value, at }, ...rowsBelow(rest, depth + 1)];
}

function secretSummary({ variable, from }: SecretPlan): Summary {
  const where = from.kind === "secret" ? `of the Secret ${from.name}, ${from.key}` : `${from.text}`;
  return { value: `${where} in ${variable}` };
}

function destinationSummary({ cidr, port }: Destination): Summary {
  return { name: cidr, value: `port ${port}` };
}

function isPart(value: unknown): value is Part {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof HiddenText)
  );
}

function indented(name: string, depth: number): string {
  return `${"  ".repeat(depth)}${name}`;
}

function textOf(key: string, value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(" ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null) return "";
  if (typeof value !== "number") return String(value);
  if (key.endsWith("Ms")) return formatDurationMs(value);
  if (/[a-z]S$|Seconds$/.test(key)) return `${value}s`;
  if (key.endsWith("Minutes")) return `${value}m`;
  return /Bytes$|^bytes$|^memory/.test(key) ? sizeText(value) : String(value);
}

/** `10 MiB`; bytes if the value is not exact in that unit. */
function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = units.findLastIndex((_, index) => bytes >= 1024 ** index && bytes % 1024 ** index === 0);
  return `${bytes / 1024 ** Math.max(0, power)} ${units[Math.max(0, power)]}`;
}

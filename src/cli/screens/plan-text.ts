// The plan as text: a block for each part, and a row for each decision with its reason and its place in the description.
import { reasonOf } from "../../plan/described.ts";
import type { Plan } from "../../plan/plan.ts";
import { type Colours, coloursOf, column, fold, type Screen, widest } from "./layout.ts";
import { isDecided, type Row, rowsBelow, wordsOf } from "./plan-rows.ts";

const TITLES: Readonly<Record<string, string>> = {
  cloud: "load balancer in AWS",
  dns: "DNS lookups in the pod",
  drain: "removal of a pod",
  kubernetes: "Kubernetes",
  limits: "limits of one HAProxy",
  rawGlobal: "raw lines of the global section",
  resolvers: "DNS lookups by HAProxy",
};

/** Columns of names and values are not wider than this, so that reasons have room. */
const WIDEST_NAME = 30;
const WIDEST_VALUE = 24;
const LEAST_ROOM = 30;

export function planText({ edge, namespace, ...plan }: Plan, screen: Screen): string {
  const colours = coloursOf(screen);
  const parts = Object.entries(plan).flatMap(([key, part]) => partsWithUnits(key, part));
  const single = parts.filter(([, part]) => typeof part !== "object" || isDecided(part));
  const blocks = parts
    .filter((part) => !single.includes(part))
    .map(([key, part]) => [TITLES[key] ?? wordsOf(key), blockRows(key, part)] as const);
  return [
    `${colours.bold(edge)} in namespace ${namespace}`,
    ...block("edge", rowsBelow(Object.fromEntries(single), 0), screen, colours),
    ...blocks.flatMap(([title, rows]) => block(title, rows, screen, colours)),
  ].join("\n");
}

/** The names of these times have no unit. */
function partsWithUnits(key: string, part: unknown): readonly (readonly [key: string, part: unknown])[] {
  if (key === "tcpKeepAlive") return [[`${key}Ms`, part]];
  if ((key !== "timeouts" && key !== "resolvers") || typeof part !== "object" || part === null)
    return [[key, part]];
  const times = Object.entries(part).map(([name, time]) => [/Bytes$/.test(name) ? name : `${name}Ms`, time]);
  return [[key, Object.fromEntries(times)]];
}

/** A list has no row above its items: the title of the block describes them. */
function blockRows(key: string, part: unknown): readonly Row[] {
  const rows = rowsBelow({ [key]: part }, 0);
  const [first, ...items] = rows;
  if (first?.value !== "") return rows;
  return items.map((row) => ({ ...row, name: row.name.slice(2) }));
}

function block(title: string, rows: readonly Row[], screen: Screen, colours: Colours): readonly string[] {
  if (rows.length === 0) return [];
  const names = Math.min(WIDEST_NAME, widest(rows.map(({ name }) => name)));
  const values = Math.min(WIDEST_VALUE, widest(rows.map(({ value }) => value)));
  const lines = rows.flatMap((row) => rowLines(row, [names, values], screen, colours));
  return ["", `  ${colours.bold(title)}`, ...lines];
}

function rowLines(
  row: Row,
  [names, values]: readonly [names: number, values: number],
  { width }: Screen,
  colours: Colours,
): readonly string[] {
  const left = `    ${column(row.name, names + 2)}${column(row.value, values + 2)}`;
  const reason = reasonText(row);
  if (reason === "") return [left.trimEnd()];
  const reasons = 4 + names + 2 + values + 2;
  const hasColumn = width - reasons >= LEAST_ROOM;
  // Without a column for reasons, they are below the row, indented deeper than its name.
  const indent = hasColumn ? reasons : row.name.search(/\S/) + 6;
  const lines = fold(reason, width - indent).map((line) => `${" ".repeat(indent)}${colours.dim(line)}`);
  const [first = "", ...rest] = lines;
  return hasColumn && left.length === reasons
    ? [`${left}${first.slice(indent)}`, ...rest]
    : [left.trimEnd(), ...lines];
}

/** The reason, and where the description decides: `portico.yaml:12` alone where it gives the value itself. */
function reasonText({ because, at }: Row): string {
  const reason = reasonOf(because);
  if (at === undefined) return reason ?? "";
  const place = `${at.file}:${at.line}`;
  return reason === undefined ? place : `${reason} (${place})`;
}

// State that rules and expressions change besides the request: counters, variables of other requests, captures, maps and lists.
import type { HaproxyConfig } from "../../wiring/haproxy/config.ts";
import { digestOf } from "./digest.ts";
import type { FileText, Scope } from "./scope.ts";
import { textsOf } from "./texts-of.ts";

const COUNTS = /\b(?:sc\d?|src|table)_(?:inc|clr)_gp[ct]\d*\b|\bsrc_updt_conn_cnt\b/;
const CAPTURES = /,capture-re[qs]\(/;
const SETS = /,(?:un)?set-var\(/;

/** An expression that changes something when it is evaluated: conditions stop at the first term that decides. */
export function hasSideEffect(text: string): boolean {
  return COUNTS.test(text) || CAPTURES.test(text) || SETS.test(text);
}

/** Whether the value of an expression depends on which expressions with side effects were evaluated before. */
export function dependsOnSideEffects({ world }: Scope, written: string): boolean {
  const isChanged = (by: RegExp) => textsOf(world.config, by) !== "";
  return (
    (COUNTERS.test(written) && isChanged(COUNTS)) || (/\bcapture\./.test(written) && isChanged(CAPTURES))
  );
}

/** Fetches and converters that read counters. */
export const COUNTERS = /(?:^|[,(])(?:sc\d?_|src_|table_|in_table)/;

/** Variables that a converter sets or removes. */
export function variablesOfConverters(config: HaproxyConfig): ReadonlySet<string> {
  const found = textsOf(config, SETS).matchAll(/,(?:un)?set-var\(([^,)]*)/g);
  return new Set([...found].map(([, name = ""]) => name));
}

/** The file of `set-map(FILE)`, `add-acl(FILE)` and the like. */
export function changedFile(action: string): string | undefined {
  const [, file] = /^(?:(?:set|del)-map|(?:add|del)-acl)\((.*)\)$/.exec(action) ?? [];
  return file === undefined ? undefined : fileName(file);
}

/** `path`: as written, with `opt@` or `file@`. */
export function fileName(path: string): string {
  return path.replace(/^(?:opt|file)@/, "");
}

/** All rules in their order with ACLs and files: each may change state, or keep requests from a rule that does. */
export function keyOfRules(config: HaproxyConfig, files: FileText): string {
  const rules = [RULES, COUNTS, CAPTURES, SETS].map((pattern) => textsOf(config, pattern)).join("\0");
  const paths = new Set(rules.match(/[^\s(),]*[/.][^\s(),]*/g));
  return digestOf([rules, ...[...paths].map((path) => files(fileName(path)) ?? "")].join("\0"));
}

const RULES =
  /^(?:\.|(?:acl|backend|bind|capture|declare|default_backend|defaults|filter|frontend|http-\S+|listen|lua-load\S*|mode|monitor|monitor-uri|peers|redirect|set-var\S*|stats|stick|stick-table|table|tcp-request|tcp-response|use-server|use_backend)(?: |$))/;

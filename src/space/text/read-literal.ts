// Literals as expressions, for those that no trie holds.
import { withoutCase } from "./byte-set.ts";
import { type Expression, sequenceOf } from "./expression.ts";

export function readLiteral(
  kind: "exact" | "prefix" | "suffix" | "contains",
  value: string,
  ignoreCase: boolean,
): Expression {
  const parts: Expression[] = [];
  if (kind === "exact" || kind === "prefix") parts.push({ kind: "assertion", holds: "start" });
  for (let at = 0; at < value.length; at += 1) {
    const set = new Uint8Array(256);
    set[value.charCodeAt(at)] = 1;
    parts.push({ kind: "bytes", set: ignoreCase ? withoutCase(set) : set });
  }
  if (kind === "exact" || kind === "suffix") parts.push({ kind: "assertion", holds: "end" });
  return sequenceOf(parts);
}

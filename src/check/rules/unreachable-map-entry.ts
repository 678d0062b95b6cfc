// unreachable-map-entry: map entry that no lookup finds.
import { countOf } from "../../findings/count.ts";
import { groupsOf } from "../groups.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { unreachedEntries } from "../layers/reached-rules.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

type Unreached = ReturnType<typeof unreachedEntries>[number];

export const unreachableMapEntry: Rule = {
  code: "unreachable-map-entry",
  severity: "warning",
  writtenByHand: true,
  check: (wiring) =>
    groupsOf(unreachedEntries(wiring), ({ file, by }) => `${file.file} ${by === undefined}`).map(finding),
};

const MOST_PLACES = 6;

function finding(group: readonly [Unreached, ...Unreached[]]): RuleFinding {
  const [{ entry, by, path, lines, layer }] = group;
  const others = group.length - 1;
  return {
    what: `no lookup finds the entry \`${entry.key}\` of \`${path}\`${others > 0 ? `, nor ${countOf(others, "other entry", "other entries")}` : ""}`,
    why:
      by === undefined
        ? "No request leads to a lookup of this key: the converters before the lookup, or the form of the value, exclude it."
        : `HAProxy uses the first entry that matches: \`${by.key} ${by.value}\` in line ${by.line}.`,
    remedy:
      by === undefined
        ? "Write the key in the form of the value that HAProxy looks up (in lower case after `lower`, without a port after `host_only`), or remove the entry."
        : "Remove the entry, or move it before the entry that matches first.",
    at: [
      ...group.slice(0, MOST_PLACES).map((one) => noted(placeIn(one, one.entry), "never found")),
      ...(by === undefined ? [] : [noted(placeIn(group[0], by), "matches first")]),
      ...lines.slice(0, 1).map((line) => noted(placeOf(layer.config, line), "looks it up")),
    ],
  };
}

function placeIn({ file }: Unreached, { line, key }: Unreached["entry"]) {
  return { file: file.file, line, column: 1, length: key.length };
}

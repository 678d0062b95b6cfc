// unreachable-map-entry: map entry that no request reaches.
import { countOf } from "../../findings/count.ts";
import { groupsOf, keyOf } from "../groups.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { unreachedEntries } from "../layers/reached-rules.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

type Unreached = ReturnType<typeof unreachedEntries>[number];

export const unreachableMapEntry: Rule = {
  code: "unreachable-map-entry",
  severity: "warning",
  writtenByHand: true,
  check: (wiring) =>
    groupsOf(unreachedEntries(wiring), ({ file, by, takenBy }) => {
      const rules = takenBy?.map(({ at, text }) => (at === undefined ? text : keyOf(at)));
      return JSON.stringify([file.file, by === undefined, rules]);
    }).map(finding),
};

const MOST_PLACES = 6;

function finding(group: readonly [Unreached, ...Unreached[]]): RuleFinding {
  const [first] = group;
  const { entry, by, takenBy = [], path, lines, layer } = first;
  const others = group.length - 1;
  const note = first.takenBy === undefined ? "never found" : "never reached";
  return {
    what: `${first.takenBy === undefined ? "no lookup finds" : "no request reaches"} the entry \`${entry.key}\` of \`${path}\`${others > 0 ? `, nor ${countOf(others, "other entry", "other entries")}` : ""}`,
    ...reasonOf(first),
    at: [
      ...group.slice(0, MOST_PLACES).map((one) => noted(placeIn(one, one.entry), note)),
      ...(by === undefined ? [] : [noted(placeIn(first, by), "matches first")]),
      ...takenBy.slice(0, MOST_PLACES).map(({ at }) => noted(at, "takes its requests")),
      ...lines.slice(0, 1).map((line) => noted(placeOf(layer.config, line), "looks it up")),
    ],
  };
}

function reasonOf({ by, takenBy }: Unreached): Pick<RuleFinding, "why" | "remedy"> {
  if (takenBy !== undefined)
    return {
      why: `HAProxy runs ${takenBy.length === 0 ? "rules" : listOf(takenBy.map(({ text }) => text))} before the lookup, and ${takenBy.length === 1 ? "it takes" : "they take"} every request with this key.`,
      remedy:
        "Remove the entry, or add a condition that excludes its requests from the rules that take them.",
    };
  if (by !== undefined)
    return {
      why: `HAProxy uses the first entry that matches: \`${by.key} ${by.value}\` in line ${by.line}.`,
      remedy: "Remove the entry, or move it before the entry that matches first.",
    };
  return {
    why: "No request leads to a lookup of this key: the converters before the lookup, or the form of the value, exclude it.",
    remedy:
      "Write the key in the form of the value that HAProxy looks up (in lower case after `lower`, without a port after `host_only`), or remove the entry.",
  };
}

function placeIn({ file }: Unreached, { line, key }: Unreached["entry"]) {
  return { file: file.file, line, column: 1, length: key.length };
}

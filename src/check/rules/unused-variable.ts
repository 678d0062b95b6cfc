// unused-variable: variable that rules set and nothing reads.
import { wordsBeforeCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { mayUseAnyName, mentionsIn } from "../layers/names-in-config.ts";
import type { Rule, RuleFinding } from "../rule.ts";

export const unusedVariable: Rule = {
  code: "unused-variable",
  severity: "note",
  writtenByHand: true,
  check: (wiring) => wiring.haproxies.filter((layer) => !mayUseAnyName(layer)).flatMap(unusedIn),
};

function unusedIn(layer: HaproxyLayer): readonly RuleFinding[] {
  const { config } = layer;
  const set = Map.groupBy(
    config.lines.flatMap((line) => {
      const name = setBy(line);
      return name === undefined ? [] : [{ line, name }];
    }),
    ({ name }) => name,
  );
  return [...set].flatMap(([name, lines]) => {
    const setting = new Set(lines.map(({ line }) => line));
    const mentions = mentionsIn(layer).get(name) ?? new Set();
    // A line that reads the variable and sets it again mentions it twice.
    const isRead = [...mentions].some((line) => !setting.has(line) || line.text.split(name).length > 2);
    if (isRead) return [];
    return {
      what: `nothing reads the variable \`${name}\``,
      why: "Its rules have no effect: a condition, map or log format that was to read it is missing, or has another name.",
      remedy: "Read it with `var()`, or remove the rules that set it.",
      at: lines.map(({ line }) => placeOf(config, line)),
    };
  });
}

/** Programs can also read process variables through the CLI. */
function setBy(line: HaproxyLine): string | undefined {
  for (const { value } of wordsBeforeCondition(line)) {
    const name = /^set-var(?:-fmt)?\(([^,)]+)/.exec(value)?.[1];
    if (name !== undefined) return name.startsWith("proc.") ? undefined : name;
  }
  return undefined;
}

// Names the lines that may matter to requests and were not evaluated: what the evaluation does not know is never left out silently.
import { directiveOf } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { TRUE } from "../formula.ts";
import {
  NO_RULES,
  OPTIONS_NOT_FOLLOWED,
  RESPONSE_HEADER_ACTIONS,
  SECOND_WORDS_WITHOUT_EFFECT,
  WITHOUT_EFFECT,
} from "./directives.ts";
import { placeOf, textOf } from "./rule-lines.ts";
import { notExamined, type World } from "./scope.ts";

/** Call it when everything is evaluated. Sections that no request gets to are left out. */
export function nameUnexaminedLines(world: World): void {
  nameVariables(world);
  nameConditional(world);
  for (const { section } of sectionsOf(world.ran)) {
    for (const line of section.lines) {
      const { negated, words } = directiveOf(line);
      const values = words.map(({ value }) => value);
      if (negated || world.evaluated.has(line) || isWithoutEffect(values)) continue;
      const only = onlyOf(values);
      notExamined(world, `\`${values.join(" ")}\``, placeOf(world, line), only);
    }
  }
}

/** A variable of the environment may supply any part of a word. */
function nameVariables(world: World): void {
  for (const line of world.evaluated)
    if (line.tokens.some(({ symbolic }) => symbolic))
      notExamined(world, `the environment in \`${textOf(line)}\``, placeOf(world, line));
}

/** Lines between `.if` and `.endif` that are not rules, and that are evaluated as if they were always there. */
function nameConditional(world: World): void {
  for (const { section } of sectionsOf(world.ran))
    for (const line of section.lines) {
      const [first = ""] = directiveOf(line).words.map(({ value }) => value);
      if (first.startsWith(".") || world.appliesWhen(line) === TRUE || FOLLOWED.test(first)) continue;
      notExamined(world, `the \`.if\` around \`${textOf(line)}\``, placeOf(world, line));
    }
}

/** Lines whose `.if` is evaluated, or that no answer depends on. */
const FOLLOWED =
  /^(?:acl|(?:http|tcp)-request|redirect|use_backend|default_backend|timeout|log|log-format|maxconn)?$/;

/** With the `defaults` that they take their rules from. */
function sectionsOf(proxies: Iterable<HaproxyProxy>): ReadonlySet<HaproxyProxy> {
  const all = new Set<HaproxyProxy>();
  for (const proxy of proxies)
    for (let one: HaproxyProxy | undefined = proxy; one !== undefined; one = one.parent) all.add(one);
  return all;
}

function isWithoutEffect([first, second = ""]: readonly string[]): boolean {
  if (first === undefined || first.startsWith(".") || NO_RULES.has(first)) return true;
  if (first === "option") return !OPTIONS_NOT_FOLLOWED.has(second);
  return WITHOUT_EFFECT.has(first) || SECOND_WORDS_WITHOUT_EFFECT[first]?.has(second) === true;
}

/** undefined: it may change who answers, or the status and Location of the answer. */
function onlyOf([first, action = "", header]: readonly string[]): "headers" | "server" | undefined {
  if (first === "use-server") return "server";
  if (first === "unique-id-header") return "headers";
  const isResponse = first === "http-response" || first === "http-after-response";
  const leavesAnswer = RESPONSE_HEADER_ACTIONS.test(action.replace(/\(.*/s, ""));
  return isResponse && leavesAnswer && header?.toLowerCase() !== "location" ? "headers" : undefined;
}

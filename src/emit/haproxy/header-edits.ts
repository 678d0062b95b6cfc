// Changes to the headers of requests and responses, in the section of their routes.

import { NO_EDITS, namesIn } from "../../plan/header-edits.ts";
import type { MessageText } from "../../plan/message-text.ts";
import type { HeaderEdits, HeaderLine, HeaderName, RoutePlan } from "../../plan/site-plan.ts";
import { byValue, keyOf } from "./by-value.ts";
import { type HaproxyContext, onlyIf } from "./context.ts";
import { valueFetch } from "./request-values.ts";
import type { Section } from "./routing/sections.ts";
import { upgradedResponse } from "./upgrades.ts";
import { type Group, type Line, line, literal, literalWord, word } from "./writing.ts";

type HeaderRule = "http-request" | "http-response" | "http-after-response";

export function requestHeaderGroup(context: HaproxyContext, section: Section): Group {
  return editLines(context, section, "http-request", ({ requestHeaders }) => requestHeaders);
}

/**
 * On every response of the route, including those of HAProxy itself, with `http-after-response`. Changes to responses of servers alone are
 * `http-response` rules, which come before; a variable then tells these responses from HAProxy's own where both change the same header.
 */
export function responseHeaderGroup(context: HaproxyContext, section: Section): Group {
  const own = (route: RoutePlan) => differing(route, route.ownResponseHeaders);
  const guarded = section.routes.some((route) => own(route) !== NO_EDITS);
  return [
    ...(guarded
      ? [
          line(
            `http-response set-var(txn.from_server) bool(true) if !{ status 101 }${upgradedResponse(context.plan)}`,
            "not of HAProxy itself",
          ),
        ]
      : []),
    ...editLines(context, section, "http-response", (route) => differing(route, route.responseHeaders)),
    ...editLines(context, section, "http-after-response", common),
    ...editLines(context, section, "http-after-response", own, "!{ var(txn.from_server) -m found }"),
  ];
}

/** Of the changes that apply to one kind of response, those of headers that the other kind gets otherwise. */
function differing(route: RoutePlan, edits: HeaderEdits | undefined): HeaderEdits {
  const names = differingNames(route);
  if (edits === undefined || names.size === 0) return NO_EDITS;
  return only(edits, (name) => names.has(name));
}

function common(route: RoutePlan): HeaderEdits {
  const names = differingNames(route);
  return only(route.responseHeaders, (name) => !names.has(name));
}

function differingNames({ responseHeaders, ownResponseHeaders }: RoutePlan): ReadonlySet<string> {
  if (ownResponseHeaders === undefined) return new Set();
  const names = new Set([responseHeaders, ownResponseHeaders].flatMap(namesIn));
  const of = (edits: HeaderEdits, wanted: string) => keyOf(only(edits, (name) => name === wanted));
  return new Set([...names].filter((name) => of(responseHeaders, name) !== of(ownResponseHeaders, name)));
}

function only(edits: HeaderEdits, isWanted: (name: string) => boolean): HeaderEdits {
  const wanted = <T extends HeaderName>(lines: readonly T[]) =>
    lines.filter(({ name }) => isWanted(name.toLowerCase()));
  const { remove, set, add, setIfAbsent } = edits;
  const left = {
    remove: wanted(remove),
    set: wanted(set),
    add: wanted(add),
    setIfAbsent: wanted(setIfAbsent),
  };
  return Object.values(left).every(({ length }) => length === 0) ? NO_EDITS : left;
}

/** Each change once for all routes that make it. */
function editLines(
  context: HaproxyContext,
  section: Section,
  rule: HeaderRule,
  editsOf: (route: RoutePlan) => HeaderEdits,
  guard = "",
): readonly Line[] {
  const removed = byValue(
    context,
    section,
    (route) => editsOf(route).remove.map(({ name, at }) => ({ value: name, at })),
    (name, when) => [line(`${rule} del-header ${name}${onlyIf(when, guard)}`)],
  );
  const changed = (["set", "add"] as const).flatMap((verb) =>
    writtenLines(
      context,
      section,
      (route) => editsOf(route)[verb],
      (change, when) => `${rule} ${verb}-header ${change}${onlyIf(when, guard)}`,
    ),
  );
  return [...removed, ...changed, ...defaultLines(context, section, rule, editsOf, guard)];
}

/** Those of presets are last, below their names: the order has no effect. */
function defaultLines(
  context: HaproxyContext,
  section: Section,
  rule: HeaderRule,
  editsOf: (route: RoutePlan) => HeaderEdits,
  guard: string,
): readonly Line[] {
  const message = rule === "http-request" ? "req" : "res";
  const of = (preset: string | undefined) =>
    writtenLines(
      context,
      section,
      (route) => editsOf(route).setIfAbsent.filter((one) => one.preset === preset),
      (change, when, name) =>
        `${rule} set-header ${change}${onlyIf(when, guard, `!{ ${message}.fhdr(${name}) -m found }`)}`,
    );
  const named = section.routes.flatMap((route) => editsOf(route).setIfAbsent.map(({ preset }) => preset));
  const presets = new Set(named.filter((one) => one !== undefined));
  return [undefined, ...presets].flatMap((preset) =>
    of(preset).map((one, index) => (index === 0 ? { ...one, because: preset } : one)),
  );
}

/** A route's lines of one header stay together, in their order. `print`: from name and value as HAProxy writes them, the condition, and the name. */
function writtenLines(
  context: HaproxyContext,
  section: Section,
  linesOf: (route: RoutePlan) => readonly HeaderLine[],
  print: (change: string, when: string, name: string) => string,
): readonly Line[] {
  return byValue(
    context,
    section,
    (route) => byHeader(linesOf(route)).map((value) => ({ value, at: undefined })),
    (lines, when) =>
      lines.map(({ name, value, at }) => ({
        ...line(print(`${name} ${headerWord(context, value)}`, when, name)),
        at,
      })),
  );
}

function byHeader(lines: readonly HeaderLine[]): readonly (readonly HeaderLine[])[] {
  return [...Map.groupBy(lines, ({ name }) => name.toLowerCase()).values()];
}

/** An empty word counts as none; an expression that gives nothing is one. */
function headerWord(context: HaproxyContext, value: MessageText): string {
  if (value === "") return "%[str()]";
  if (typeof value === "string") return literalWord(value);
  const parts = value.map((part) =>
    typeof part === "string" ? literal(part) : `%[${valueFetch(context.plan, part)}]`,
  );
  return word(parts.join(""));
}

// Changes to the headers of requests and responses: of the edge, of a site and of a route.
import type { z } from "zod";
import type { headerEdits } from "../description/schema/routes.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";
import type { HeaderEdits, HeaderName, RoutePlan } from "./site-plan.ts";

export type MessageEdits = Pick<RoutePlan, "requestHeaders" | "responseHeaders">;

type DescribedEdits = z.output<typeof headerEdits>;

export const NO_EDITS: HeaderEdits = { remove: [], set: [], add: [] };

/** Headers that frame the message or the connection: HAProxy writes them itself (RFC 9110 section 7.6.1). */
const FRAMING = new Set(
  "connection content-length host keep-alive te trailer transfer-encoding upgrade".split(" "),
);

export function lowerMessageEdits(
  lowering: Lowering,
  described: { readonly [K in keyof MessageEdits]?: DescribedEdits | undefined },
  path: DescriptionPath,
): MessageEdits {
  const lower = (message: keyof MessageEdits) =>
    lowerEdits(lowering, described[message] ?? {}, message, [...path, message]);
  return { requestHeaders: lower("requestHeaders"), responseHeaders: lower("responseHeaders") };
}

function lowerEdits(
  lowering: Lowering,
  { set = {}, add = {}, remove = [] }: DescribedEdits,
  message: keyof MessageEdits,
  path: DescriptionPath,
): HeaderEdits {
  const named = (name: string, at: DescriptionPath) => {
    if (FRAMING.has(name.toLowerCase())) reportFraming(lowering, name, message, at);
    return { name, at: lowering.at(at) };
  };
  const lines = (verb: "set" | "add", values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) => ({ ...named(name, [...path, verb, name]), value }));
  return {
    remove: remove.map((name, index) => named(name, [...path, "remove", index])),
    set: lines("set", set),
    add: lines("add", add),
  };
}

function reportFraming(
  { report }: Lowering,
  name: string,
  message: keyof MessageEdits,
  path: DescriptionPath,
): void {
  const host = name.toLowerCase() === "host" && message === "requestHeaders";
  report({
    code: "framing-header",
    what: `\`${message}\` cannot change the header ${name}`,
    why: host
      ? "Host selects the site and has a field of its own."
      : "It frames the message or the connection, and HAProxy writes it itself (RFC 9110, 7.6.1).",
    remedy: host ? "Write `rewrite: { host: … }` in the route." : `Remove ${name}.`,
    path,
  });
}

/** The route with the changes of its site and edge before its own. Only backends receive request headers. */
export function withOuterEdits(route: RoutePlan, outer: MessageEdits): RoutePlan {
  const { requestHeaders } = route;
  const edits = joinedEdits(outer, route);
  return { ...route, ...edits, ...(route.action.kind !== "forward" && { requestHeaders }) };
}

/** One change with the effect of `first` and then of `then`. */
export function joinedEdits(first: MessageEdits, then: MessageEdits): MessageEdits {
  return {
    requestHeaders: joined(first.requestHeaders, then.requestHeaders),
    responseHeaders: joined(first.responseHeaders, then.responseHeaders),
  };
}

/** Removing or setting a header discards earlier changes to it. */
function joined(first: HeaderEdits, then: HeaderEdits): HeaderEdits {
  const replaced = new Set([...then.remove, ...then.set].map(({ name }) => name.toLowerCase()));
  const isLeft = ({ name }: HeaderName) => !replaced.has(name.toLowerCase());
  return {
    remove: [...first.remove.filter(isLeft), ...then.remove],
    set: [...first.set.filter(isLeft), ...then.set],
    add: [...first.add.filter(isLeft), ...then.add],
  };
}

// Changes to the headers of requests and responses: of the edge, of a site and of a route.
import type { z } from "zod";
import { HEADER_PRESETS } from "../description/header-presets.ts";
import { parseMessageText } from "../description/message-text.ts";
import type { headerEdits, responseHeaderEdits } from "../description/schema/routes.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";
import type { HeaderEdits, HeaderLine, HeaderName, RoutePlan } from "./site-plan.ts";

export type MessageEdits = Pick<RoutePlan, "requestHeaders" | "responseHeaders" | "ownResponseHeaders">;

type Message = "requestHeaders" | "responseHeaders";
type DescribedEdits = z.output<typeof headerEdits>;
type DescribedResponse = z.output<typeof responseHeaderEdits>;

export const NO_EDITS: HeaderEdits = { remove: [], set: [], add: [], setIfAbsent: [] };

/** Of requests, of responses, and of HAProxy's own responses where those differ. */
export function editsOf(of: MessageEdits): readonly HeaderEdits[] {
  return [of.requestHeaders, of.responseHeaders, of.ownResponseHeaders ?? NO_EDITS];
}

/** Without those that are only removed. */
export function linesIn({ set, add, setIfAbsent }: HeaderEdits): readonly HeaderLine[] {
  return [...set, ...add, ...setIfAbsent];
}

/** In lower case, with repetitions. */
export function namesIn(edits: HeaderEdits): readonly string[] {
  return [...edits.remove, ...linesIn(edits)].map(({ name }) => name.toLowerCase());
}

/** Headers that frame the message or the connection: HAProxy writes them itself (RFC 9110 section 7.6.1). */
const FRAMING = new Set(
  "connection content-length host keep-alive te trailer transfer-encoding upgrade".split(" "),
);

export function lowerMessageEdits(
  lowering: Lowering,
  described: {
    readonly requestHeaders?: DescribedEdits | undefined;
    readonly responseHeaders?: DescribedResponse | undefined;
  },
  path: DescriptionPath,
): MessageEdits {
  const lower = (message: Message) =>
    lowerEdits(lowering, described[message] ?? {}, message, [...path, message]);
  const { preset, responsesFrom } = described.responseHeaders ?? {};
  const own = lower("responseHeaders");
  const responseHeaders =
    preset === undefined
      ? own
      : joined(presetEdits(lowering, preset, [...path, "responseHeaders", "preset"]), own);
  return {
    requestHeaders: lower("requestHeaders"),
    responseHeaders,
    ...(responsesFrom === "servers" && { ownResponseHeaders: NO_EDITS }),
  };
}

function presetEdits(
  lowering: Lowering,
  preset: NonNullable<DescribedResponse["preset"]>,
  path: DescriptionPath,
): HeaderEdits {
  const lines: Readonly<Record<string, string>> = preset === "none" ? {} : HEADER_PRESETS[preset];
  const at = lowering.at(path);
  const setIfAbsent = Object.entries(lines).map(([name, value]) => ({ name, at, value, preset }));
  return { ...NO_EDITS, setIfAbsent, preset };
}

function lowerEdits(
  lowering: Lowering,
  { set = {}, add = {}, setIfAbsent = {}, remove = [] }: DescribedEdits,
  message: Message,
  path: DescriptionPath,
): HeaderEdits {
  const named = (name: string, at: DescriptionPath) => {
    if (FRAMING.has(name.toLowerCase())) reportFraming(lowering, name, message, at);
    return { name, at: lowering.at(at) };
  };
  const lines = (verb: "set" | "add" | "setIfAbsent", values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, text]) => {
      const outcome = parseMessageText(text);
      return { ...named(name, [...path, verb, name]), value: "text" in outcome ? outcome.text : text };
    });
  return {
    remove: remove.map((name, index) => named(name, [...path, "remove", index])),
    set: lines("set", set),
    add: lines("add", add),
    setIfAbsent: lines("setIfAbsent", setIfAbsent),
  };
}

function reportFraming({ report }: Lowering, name: string, message: Message, path: DescriptionPath): void {
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

/** The route with the changes of its site and edge before its own. Only backends receive request headers, and only servers have responses of their own. */
export function withOuterEdits(route: RoutePlan, outer: MessageEdits): RoutePlan {
  const { requestHeaders } = route;
  const edits = joinedEdits(outer, route);
  if (route.action.kind === "forward") return { ...route, ...edits };
  const { responseHeaders, ownResponseHeaders = responseHeaders } = edits;
  return { ...route, requestHeaders, responseHeaders: ownResponseHeaders, ownResponseHeaders: undefined };
}

/** One change with the effect of `first` and then of `then`. */
export function joinedEdits(first: MessageEdits, then: MessageEdits): MessageEdits {
  const ofOwn = ({ responseHeaders, ownResponseHeaders = responseHeaders }: MessageEdits) =>
    ownResponseHeaders;
  const differs = (first.ownResponseHeaders ?? then.ownResponseHeaders) !== undefined;
  return {
    requestHeaders: joined(first.requestHeaders, then.requestHeaders),
    responseHeaders: joined(first.responseHeaders, then.responseHeaders),
    ...(differs && { ownResponseHeaders: joined(ofOwn(first), ofOwn(then)) }),
  };
}

/** Removing or setting a header discards earlier changes to it; a default or a preset replaces an earlier one. */
function joined(first: HeaderEdits, then: HeaderEdits): HeaderEdits {
  const without = (replacing: readonly HeaderName[]) => {
    const replaced = new Set(replacing.map(({ name }) => name.toLowerCase()));
    return ({ name }: HeaderName) => !replaced.has(name.toLowerCase());
  };
  const isLeft = without([...then.remove, ...then.set]);
  const preset = then.preset ?? first.preset;
  return {
    remove: [...first.remove.filter(isLeft), ...then.remove],
    set: [...first.set.filter(isLeft), ...then.set],
    add: [...first.add.filter(isLeft), ...then.add],
    setIfAbsent: [
      ...first.setIfAbsent
        .filter(without([...then.remove, ...then.set, ...then.setIfAbsent]))
        .filter((line) => then.preset === undefined || line.preset === undefined),
      ...then.setIfAbsent,
    ],
    ...(preset !== undefined && { preset }),
  };
}

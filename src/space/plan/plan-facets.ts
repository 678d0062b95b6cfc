// The facets of a plan's decisions: the answer, what the backend gets, and what the client gets beside the answer.

import { withoutSpace } from "../../model/headers.ts";
import type { BackendPlan } from "../../plan/backend-plan.ts";
import { NO_EDITS, namesIn } from "../../plan/header-edits.ts";
import { literalText, type MessageText, type RequestValue } from "../../plan/message-text.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import { isRemovedHeader } from "../../plan/proxy-headers.ts";
import type { HeaderEdits, HeaderLine, RoutePlan } from "../../plan/site-plan.ts";
import { type Answer, type Facet, type Leaf, type Rule, UNCHANGED } from "../program.ts";
import { answerText, type PlanDecision, responseEditsOf } from "./plan-decision.ts";
import { type Template, templateText } from "./template.ts";

/** `decisionOf`: of every leaf in the rules but NO_REQUEST. */
export function planFacets(
  plan: Plan,
  rules: readonly Rule[],
  decisionOf: (leaf: Leaf) => PlanDecision | undefined,
): readonly Facet[] {
  const facet = (id: string, view: (decision: PlanDecision) => Leaf): Facet => ({
    id,
    rules,
    view: (leaf) => {
      const decision = decisionOf(leaf);
      return decision === undefined ? leaf : view(decision);
    },
  });
  return [
    facet("answer", answerLeaf),
    facet("path", pathLeaf),
    facet("servers", serversOf(plan)),
    { ...facet("entrance", (decision) => entranceLeaf(plan, decision)), independent: true },
    facet("compression", (decision) => leafOf(forwards(decision) ? plan.compression.join(" ") : "")),
    ...requestHeaderNames(plan).map((name) =>
      facet(`request-header:${name}`, (decision) => requestHeaderLeaf(name, decision)),
    ),
    ...responseHeaderNames(plan).map((name) =>
      facet(`response-header:${name}`, (decision) => responseHeaderLeaf(name, decision)),
    ),
  ];
}

function leafOf(text: string): Leaf {
  return text === "" ? UNCHANGED : { key: text, text };
}

function forwards({ answer }: PlanDecision): boolean {
  return answer.kind === "forward";
}

function answerLeaf(decision: PlanDecision): Leaf {
  const { answer } = decision;
  const text = answerText(answer);
  const asked = { answer: askedAnswer(decision) };
  if (answer.kind !== "status") return { key: text, text, ...asked };
  const { location, body, contentType } = answer;
  const key = JSON.stringify([answer.status, location, body, contentType]);
  return { key, text: body === undefined ? text : `${text} with ${shortened(body)}`, ...asked };
}

function askedAnswer({ answer, route }: PlanDecision): Answer {
  if (answer.kind === "refused") return { kind: "closed" };
  if (answer.kind === "forward")
    return { kind: "forward", backends: answer.to.map(({ backend }) => backend) };
  const { status, location } = answer;
  return {
    kind: "own",
    status,
    ...(location && { location: locationParts(location) }),
    ...(route === undefined && status === 404 && { noRoute: true }),
    ...(route === undefined && status === 400 && { malformed: true }),
  };
}

function locationParts(template: Template) {
  return template.map((part) => (typeof part === "string" ? part : { from: part.part }));
}

const LONGEST_SHOWN = 40;

function shortened(body: string): string {
  return JSON.stringify(body.length > LONGEST_SHOWN ? `${body.slice(0, LONGEST_SHOWN)}…` : body);
}

function pathLeaf({ answer }: PlanDecision): Leaf {
  if (answer.kind !== "forward") return UNCHANGED;
  const text = templateText(answer.path);
  return text === "{path}" ? UNCHANGED : { key: JSON.stringify(answer.path), text };
}

/** The servers of the decision's backends, and how HAProxy talks to them. */
function serversOf(plan: Plan): (decision: PlanDecision) => Leaf {
  const byName = new Map(plan.backends.map((backend) => [backend.name, backendLeaf(backend)]));
  return ({ answer }) => {
    if (answer.kind !== "forward") return UNCHANGED;
    const leaves = answer.to.map(({ backend }) => byName.get(backend) ?? UNCHANGED);
    return { key: leaves.map(({ key }) => key).join("\n"), text: leaves.map(({ text }) => text).join("; ") };
  };
}

function backendLeaf({ name, servers, balance, tls, proxyProtocol, sticky }: BackendPlan): Leaf {
  const listed = servers.map(({ host, port, weight, backup, resolved }) => ({
    address: `${host}:${port}`,
    weight,
    backup,
    resolved,
  }));
  const cookie = sticky && { name: sticky.cookie, secure: sticky.secure };
  const verified = tls && { verify: tls.verify, sni: tls.sni };
  return {
    key: JSON.stringify([name, listed, balance?.value, verified, proxyProtocol, cookie]),
    text: `${name}: ${listed.map(({ address }) => address).join(", ")}`,
  };
}

/** How requests get to the listener, and where their client address comes from. */
function entranceLeaf(plan: Plan, { listener }: PlanDecision): Leaf {
  if (listener === undefined) return UNCHANGED;
  const ports = plan.loadBalancer.ports.filter((one) => one.listener === listener.name);
  const opened = ports.map(({ port, protocol }) => `${port.value}/${protocol}`).join(", ");
  const client = `the client address from ${CLIENT_SOURCES[listener.client.value]}`;
  const paths = plan.paths === "normal" ? "paths in their normal form" : "paths as they are sent";
  return leafOf([opened === "" ? "no port" : `port ${opened}`, client, paths].join(", "));
}

const CLIENT_SOURCES: Readonly<Record<ListenerPlan["client"]["value"], string>> = {
  connection: "the connection",
  proxy: "the PROXY header",
  "x-forwarded-for": "X-Forwarded-For",
};

/** A header after all edits: lines that are added, whether those of the message stay, and the line where it has none. */
interface EditedHeader {
  readonly kept: boolean;
  readonly lines: readonly string[];
  readonly ifAbsent?: string | undefined;
}

/** Lines that hold a part of the request begin with a byte that no described value has. */
const CLIENT_ADDRESS = "\0client";
const SENT_HOST = "\0host";
/** Before the parts of a line, as JSON. */
const OF_REQUEST = "\0parts";

const AS_SENT: EditedHeader = { kept: true, lines: [] };

/** Removed first, then set, then added, then set where there is none, as `applyEdits` does (model/headers.ts). */
function edited(
  name: string,
  edits: HeaderEdits,
  before: EditedHeader,
  listener: ListenerPlan | undefined,
): EditedHeader {
  const { remove, set, add, setIfAbsent } = edits;
  const own = (lines: readonly HeaderLine[]) =>
    lines.filter((line) => line.name.toLowerCase() === name).map(({ value }) => writtenLine(value, listener));
  const removed = remove.some((one) => one.name.toLowerCase() === name) ? { kept: false, lines: [] } : before;
  const replacing = own(set).at(-1);
  const base = replacing === undefined ? removed : { kept: false, lines: [replacing] };
  const { kept } = base;
  const lines = [...base.lines, ...own(add)];
  const [ifAbsent] = own(setIfAbsent);
  if (ifAbsent === undefined || lines.length > 0) return { kept, lines };
  return kept ? { kept, lines, ifAbsent } : { kept, lines: [ifAbsent] };
}

function headerLeaf(header: EditedHeader, unchanged: EditedHeader): Leaf {
  const { kept, lines: added, ifAbsent } = header;
  const key = JSON.stringify([kept, added, ...(ifAbsent === undefined ? [] : [ifAbsent])]);
  if (key === JSON.stringify([unchanged.kept, unchanged.lines])) return UNCHANGED;
  if (ifAbsent !== undefined) return { key, text: `${lineText(ifAbsent)} if absent` };
  const lines = added.map(lineText).join(", ");
  if (added.length === 0) return { key, text: kept ? "passed on" : "removed" };
  return { key, text: kept ? `${lines} added` : lines };
}

/** HAProxy itself can answer a forwarded request, too, such as with 503. */
function responseHeaderLeaf(name: string, decision: PlanDecision): Leaf {
  const from = (sender: "server" | "haproxy") =>
    headerLeaf(edited(name, responseEditsOf(decision, sender), AS_SENT, decision.listener), AS_SENT);
  const own = from("haproxy");
  if (decision.answer.kind !== "forward") return own;
  const server = from("server");
  if (server.key === own.key) return server;
  const text = [server, own].map((leaf) => (leaf === UNCHANGED ? "unchanged" : leaf.text));
  return {
    key: [server.key, own.key].join("\n"),
    text: `${text[0]} in responses of servers, ${text[1]} in those of HAProxy itself`,
  };
}

function lineText(line: string): string {
  if (!line.startsWith(OF_REQUEST))
    return line.startsWith("\0") ? `{${line.slice(1)}}` : JSON.stringify(line);
  const parts: readonly (string | RequestValue)[] = JSON.parse(line.slice(OF_REQUEST.length));
  return JSON.stringify(parts.map((part) => (typeof part === "string" ? part : valueText(part))).join(""));
}

function valueText(value: RequestValue): string {
  return `{${value.from === "header" ? `header.${value.name}` : value.from}}`;
}

/** A line's identity. What the listener decides is a part of the text: equal lines are equal at listeners that differ. */
function writtenLine(text: MessageText, listener: ListenerPlan | undefined): string {
  if (typeof text === "string" || listener === undefined) return literalText(text);
  const parts: (string | RequestValue)[] = [];
  for (const one of text.map((part) => (typeof part === "string" ? part : valueAt(part, listener)))) {
    const last = parts.at(-1);
    if (typeof one === "string" && typeof last === "string") parts.splice(-1, 1, last + one);
    else if (one !== "") parts.push(one);
  }
  const [only = "", another] = parts;
  if (another !== undefined) return `${OF_REQUEST}${JSON.stringify(parts)}`;
  if (typeof only === "string") return withoutSpace(only);
  return only.from === "client.ip" ? CLIENT_ADDRESS : `${OF_REQUEST}${JSON.stringify(parts)}`;
}

function valueAt(value: RequestValue, listener: ListenerPlan): string | RequestValue {
  const { scheme, redirectPorts, trustedHeaders } = listener;
  if (value.from === "scheme") return scheme;
  if (value.from === "listener.port") return String(redirectPorts[scheme]);
  if (value.from !== "header") return value;
  return isRemovedHeader(value.name) && !trustedHeaders.includes(value.name) ? "" : value;
}

function requestHeaderLeaf(name: string, { listener, route, answer }: PlanDecision): Leaf {
  if (answer.kind !== "forward" || listener === undefined || route === undefined) return UNCHANGED;
  if (name === "upgrade") return answer.upgraded ? { key: "websocket", text: "websocket" } : UNCHANGED;
  const usual = usualHeader(name, listener);
  const before = headerBefore(name, listener, route) ?? usual;
  return headerLeaf(edited(name, route.requestHeaders, before, listener), usual);
}

/** What the backend gets of a header where nothing is described. */
function usualHeader(name: string, { scheme }: ListenerPlan): EditedHeader {
  if (name === "x-forwarded-for") return { kept: false, lines: [CLIENT_ADDRESS] };
  if (name === "x-forwarded-proto") return { kept: false, lines: [scheme] };
  return { kept: !isRemovedHeader(name), lines: [] };
}

/** Before the route's edits, where that is not usual. */
function headerBefore(name: string, listener: ListenerPlan, route: RoutePlan): EditedHeader | undefined {
  const { host } = route.rewrite;
  if (host !== null && name === "host") return { kept: false, lines: [host] };
  if (host !== null && name === "x-forwarded-host") return { kept: false, lines: [SENT_HOST] };
  return listener.trustedHeaders.includes(name) ? AS_SENT : undefined;
}

function requestHeaderNames({ listeners, sites }: Plan): readonly string[] {
  const routes = sites.flatMap((site) => site.routes);
  return distinct([
    ...(routes.some(({ webSocket }) => webSocket) ? ["upgrade"] : []),
    ...(routes.some(({ rewrite }) => rewrite.host !== null) ? ["host", "x-forwarded-host"] : []),
    ...listeners.flatMap(({ trustedHeaders }) => trustedHeaders),
    ...routes.flatMap(({ requestHeaders }) => namesIn(requestHeaders)),
  ]);
}

function responseHeaderNames({ sites }: Plan): readonly string[] {
  return distinct([
    ...(sites.some(({ hsts }) => hsts !== null) ? ["Strict-Transport-Security"] : []),
    ...sites.flatMap(({ routes }) =>
      routes.flatMap(({ responseHeaders, ownResponseHeaders = NO_EDITS }) =>
        [responseHeaders, ownResponseHeaders].flatMap(namesIn),
      ),
    ),
  ]);
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))].sort();
}

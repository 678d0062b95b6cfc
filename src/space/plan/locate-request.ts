// Where a request is in the space of a plan: its value in every dimension, or why it is outside.
import { lengthOverflows } from "../../model/body-length.ts";
import { hostOf, isHostName, type ModelRequest } from "../../model/decide.ts";
import { forwardedClient, passedOn } from "../../model/forwarded.ts";
import { type HeaderList, trimmed } from "../../model/headers.ts";
import { parameterOf } from "../../model/match-route.ts";
import { authorityOf, readTarget, type Target } from "../../model/request-target.ts";
import { isHandshake, upgradeProblem } from "../../model/upgrade.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Value } from "../classes/classes.ts";
import { type Ask, NOT_KNOWN } from "../evaluate-request.ts";
import { headerLines, type Witness } from "../witness.ts";
import { BODY_LENGTH, NO_VALUE, type RequestForm } from "./plan-dimensions.ts";

export type Located =
  | { readonly value: (dimension: string) => Value }
  /** A clause: why HAProxy parses no such request, or that it has several values where the space has one. */
  | { readonly outside: string };

/** `client` of the request is the address that HAProxy knows; `connecting` the one that the load balancer knows. */
export function locateRequest(plan: Plan, request: ModelRequest, connecting: string): Located {
  const listener = plan.listeners.find(({ name }) => name === request.listener);
  const target = readTarget(request.target, plan.paths, request.method);
  if ("problem" in target) return { outside: target.problem };
  const problem = several(request.headers) ?? otherHost(target, request.headers);
  if (problem !== undefined) return { outside: problem };
  const client =
    listener?.client.value === "x-forwarded-for" ? forwardedClient(request.headers) : request.client;
  if (client === undefined) return { outside: "the load balancer does not send the client address" };
  const headers = trimmed(request.headers);
  const form = formOf(request, target);
  const values: Readonly<Record<string, Value>> = {
    listener: request.listener,
    "request-form": form,
    host: form === "invalid-host" ? undefined : (hostOf(request.headers) ?? undefined),
    method: request.method,
    path: target.path === "" ? "/" : target.path,
    client,
    "client-of-load-balancer": connecting,
    "body-length": bodyLength(request.headers),
    upgrade: isHandshake("GET", withoutLength(trimmed(request.headers))) ? "websocket" : "none",
  };
  const value = (id: string): Value => {
    const [kind = "", name = ""] = splitOnce(id, ":");
    if (kind === "header") return headers.findLast(([other]) => other.toLowerCase() === name)?.[1];
    if (kind === "query") return queryValue(target.query ?? "", name);
    return values[id];
  };
  return { value };
}

/** Of a request that was found in the space; what it does not decide has the values that it was found with. */
export function locateWitness(plan: Plan, witness: Witness): Ask {
  const { listener: name = "", method, target, client, others } = witness;
  const listener = plan.listeners.find((one) => one.name === name);
  const sent = headerLines(witness);
  const headers = listener === undefined ? sent : passedOn(listener, sent, client);
  const located = locateRequest(plan, { listener: name, method, target, client, headers }, "");
  return ({ id }) => {
    if (others.has(id)) return others.get(id);
    if ("outside" in located) return NOT_KNOWN;
    return located.value(id);
  };
}

function several(headers: HeaderList): string | undefined {
  if (lineCount(headers, "host") > 1) return "it has more than one Host";
  const lengths = lineCount(headers, "content-length") + lineCount(headers, "transfer-encoding");
  if (lengths > 1) return "it has more than one length of its body";
  return upgradeProblem(trimmed(headers));
}

function formOf({ method, headers }: ModelRequest, target: Target): RequestForm {
  if (!isHostName(hostOf(headers))) return "invalid-host";
  if (lengthOverflows(trimmed(headers))) return "overlong";
  if (method === "CONNECT") return "connect";
  return target.path === "" ? "asterisk" : "path";
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function lineCount(headers: HeaderList, name: string): number {
  return headers.filter(([other]) => other.toLowerCase() === name).length;
}

function withoutLength(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => !["content-length", "transfer-encoding"].includes(name.toLowerCase()));
}

/** A URL as request-target needs a Host, and the same one; CONNECT names it. */
function otherHost(target: Target, headers: HeaderList): string | undefined {
  if (authorityOf(target) === undefined) return undefined;
  const host = headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  if (host === undefined) return "its request-target is a URL, and it has no Host";
  const bare = (text: string) =>
    text
      .trim()
      .toLowerCase()
      .replace(/:(80|443)?$/, "");
  return bare(authorityOf(target) ?? "") === bare(host)
    ? undefined
    : "the URL in its request-target has another host than Host";
}

/** In bytes; undefined: unknown. */
function bodyLength(headers: HeaderList): number | undefined {
  if (lineCount(headers, "transfer-encoding") > 0) return undefined;
  const written = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1].trim() ?? "0";
  return /^\d+$/.test(written) ? Math.min(Number(written), BODY_LENGTH.to) : 0;
}

/** Of the first parameter with this name, decoded. */
export function queryValue(query: string, name: string): Value {
  const present = parameterOf(query, { name, kind: "present", value: "" }) !== undefined;
  if (!present) return undefined;
  return parameterOf(query, { name, kind: "exact", value: "" }) ?? NO_VALUE;
}

// A request that represents all requests of its kind: it is at a boundary of what one of two edges distinguishes.
import { maskedHeader } from "../findings/credentials.ts";
import type { LabRequestOptions } from "../lab/send.ts";

export interface Probe {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** A WebSocket handshake: its headers are added to the others. */
  readonly webSocket: boolean;
  readonly through: "public" | "internal";
  /** Of a haproxy.cfg without layers in front: where the request enters, if its port does not say so. */
  readonly frontend?: string;
  readonly from: string | null;
  /** Whether it represents longer paths below this one, too. */
  readonly below: boolean;
}

/** A GET request without anything that a condition could require, except for its URL. */
export const PLAIN_REQUEST = {
  method: "GET",
  headers: [],
  body: "",
  webSocket: false,
  from: null,
  below: false,
} as const;

/** A host that no description has: `.invalid` is reserved (RFC 2606 section 2). */
export const UNKNOWN_HOST = "unknown.invalid";

export function requestOf({ url: _, below: __, from, ...request }: Probe): LabRequestOptions {
  return { ...request, retryOnStale: true, ...(from !== null && { from }) };
}

/** Equal for equal requests. */
export function probeKey({ method, url, headers, body, webSocket, through, frontend, from }: Probe): string {
  return JSON.stringify([method, url, headers, body.length, webSocket, through, frontend, from]);
}

/** Without duplicates; the first of equal ones is kept. */
export function distinctProbes(probes: Iterable<Probe>): readonly Probe[] {
  return [...Map.groupBy(probes, probeKey).values()].flatMap(([first]) => first ?? []);
}

/** `GET https://app.example.com/api/…  x-beta: 1  from 10.0.0.1` */
export function probeText(probe: Probe): string {
  const { method, url, headers, body, webSocket, through, frontend, from, below } = probe;
  return [
    `${method} ${below ? `${url.replace(/[^/]*$/, "")}…` : url}`,
    ...headers.map(([name, value]) => `${name}: ${maskedHeader(name, value)}`),
    ...(webSocket ? ["a WebSocket"] : []),
    ...(body === "" ? [] : [`${body.length} bytes`]),
    ...(through === "internal" ? ["from inside the cluster"] : []),
    ...(frontend === undefined ? [] : [`through ${frontend}`]),
    ...(from === null ? [] : [`from ${from}`]),
  ].join("  ");
}

// A request that both sides get.
import { maskedHeader } from "../findings/credentials.ts";
import type { LabRequestOptions } from "../lab/send.ts";
import type { WitnessRequest } from "../lab/witness-request.ts";

export interface Probe {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** A WebSocket handshake: its headers are added to the others. */
  readonly webSocket: boolean;
  readonly through: "public" | "internal";
  /** For a haproxy.cfg without layers in front: the frontend where the request enters. */
  readonly frontend?: string;
  /** null: the lab's usual client. */
  readonly from: string | null;
}

export function probeOf({ url, options }: WitnessRequest): Probe {
  const { method, headers, body, webSocket, through, frontend, from = null } = options;
  return {
    ...{ method, url, headers, body, webSocket, through, from },
    ...(frontend !== undefined && { frontend }),
  };
}

export function requestOf({ url: _, from, ...request }: Probe): LabRequestOptions {
  return { ...request, retryOnStale: true, ...(from !== null && { from }) };
}

/** `GET https://app.example.com/api/v1  x-beta: 1  from 10.0.0.1` */
export function probeText(probe: Probe): string {
  const { method, url, headers, body, webSocket, through, frontend, from } = probe;
  return [
    `${method} ${url}`,
    ...headers.map(([name, value]) => `${name}: ${maskedHeader(name, value)}`),
    ...(webSocket ? ["a WebSocket"] : []),
    ...(body === "" ? [] : [`${body.length} bytes`]),
    ...(through === "internal" ? ["from inside the cluster"] : []),
    ...(frontend === undefined ? [] : [`through ${frontend}`]),
    ...(from === null ? [] : [`from ${from}`]),
  ].join("  ");
}

// The request of an example in the request space, as the lab sends it.
import type { Through } from "../description/through.ts";
import type { LabRequestOptions } from "../lab/send.ts";
import type { QueryListener } from "../space/query.ts";
import { headerLines, type Witness } from "../space/witness.ts";

/** In bytes. Longer bodies are announced, and not sent. */
const LONGEST_SENT = 1 << 20;
/** A chunked body, whose length is not announced. */
const CHUNKED = "1\r\nx\r\n0\r\n\r\n";

export interface WitnessOptions extends LabRequestOptions {
  readonly method: string;
  /** With Host, unless the request has none. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  readonly webSocket: boolean;
  readonly through: Through;
}

export function witnessOptions(witness: Witness, listener: QueryListener): WitnessOptions {
  const { method, host, client, bodyLength, others, webSocket } = witness;
  const before = others.get("client-of-load-balancer");
  const body = bodyLength === undefined ? CHUNKED : "x".repeat(bodyLength <= LONGEST_SENT ? bodyLength : 0);
  const headers = headerLines({ ...witness, host: undefined, webSocket: false }).filter(
    ([name]) => body === "" || name !== "Content-Length",
  );
  return {
    method,
    headers: host === undefined ? headers : [["Host", host], ...headers],
    ...(body !== "" && { body }),
    webSocket,
    through: listener.entrance,
    ...(listener.frontend !== undefined && { frontend: listener.frontend }),
    ...(listener.entrance === "public" && { from: typeof before === "string" ? before : client }),
  };
}

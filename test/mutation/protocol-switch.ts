// A server that switches protocols although the route has no WebSockets: the client must get 502.
import type { LayersLab } from "../../src/lab/layers-lab.ts";
import { headersOf } from "../../src/lab/send.ts";
import type { RuleRequest } from "./rule-requests.ts";

export interface ForwardedRequest extends RuleRequest {
  readonly backend: string;
}

/** The first of some requests that a server answers, without a WebSocket handshake. */
export async function findForwarded(
  lab: LayersLab,
  requests: readonly RuleRequest[],
): Promise<ForwardedRequest | undefined> {
  for (const request of requests) {
    if (request.options.webSocket === true) continue;
    const { backend } = await lab.request(request.url, request.options);
    if (backend !== null) return { ...request, backend };
  }
  return undefined;
}

/** RFC 6455 section 1.3: HAProxy itself answers 502 to a 101 without it, and to one that the client did not request. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** Changes the servers of the backend. */
export async function refusesSwitching(
  lab: LayersLab,
  { url, options, backend }: ForwardedRequest,
): Promise<boolean> {
  const upgrade = [
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
  ] as const;
  const headers = [...upgrade, ["Sec-WebSocket-Accept", ACCEPT]] as const;
  for (const server of lab.backends(backend)) server.behave({ status: 101, headers, body: "" });
  const sent = [...headersOf(options.headers), ...upgrade, ["Sec-WebSocket-Key", KEY] as const];
  const { status } = await lab.request(url, { ...options, headers: sent });
  return status === 502;
}

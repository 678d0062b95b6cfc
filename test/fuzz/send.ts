// Sends a request byte for byte along the whole path of a lab, and queries the model for it.

import type { LabClient, LabRequest } from "../../src/lab/http/client.ts";
import type { Lab } from "../../src/lab/lab.ts";
import { type LabAnswer, noAnswer } from "../../src/lab/send.ts";
import { EXCHANGE_HEADER } from "../../src/lab/stubs/exchange-log.ts";
import { encodeProxyV1, proxiedAddresses } from "../../src/lab/tcp/proxy-protocol.ts";
import { type Decision, decide, refusal } from "../../src/model/decide.ts";
import { passedOn } from "../../src/model/forwarded.ts";
import { refusedByLoadBalancer } from "../../src/model/load-balancer-access.ts";
import type { ListenerPlan } from "../../src/plan/plan.ts";
import type { FuzzRequest } from "./requests.ts";

/** Through the simulated load balancer, or from inside the cluster; unlike `lab.request` also without a Host, and with any target. */
export async function send(lab: Lab, client: LabClient, request: FuzzRequest): Promise<LabAnswer> {
  const listener = listenerOf(lab, request);
  const { method, target, httpVersion, headers } = request;
  const [from, name] = [clientOf(lab, request), listener.name];
  const closed = refusedAt(lab, listener, request);
  if (closed !== undefined) return noAnswer(closed, from, name);
  const body = request.body === "" ? {} : { body: Buffer.from(request.body, "latin1") };
  const answer = await client.request({
    ...pathFor(lab, listener, request),
    method,
    target,
    httpVersion,
    headers,
    ...body,
    // HAProxy closes a connection after an answer to a request whose body it did not read.
    retryOnStale: true,
  });
  if (answer.failed !== undefined) return noAnswer(`${answer.failed}: ${answer.message}`, from, name);
  const exchange = answer.headers.find(([header]) => header.toLowerCase() === EXCHANGE_HEADER)?.[1] ?? "";
  const [pool] = lab.plan.backends;
  const seen =
    (pool === undefined ? undefined : lab.backends(pool.name)[0]?.exchanges.take(exchange)) ?? null;
  return {
    status: answer.status,
    headers: answer.headers,
    location: answer.headers.find(([header]) => header.toLowerCase() === "location")?.[1] ?? null,
    body: answer.body.toString(),
    backend: seen?.backend ?? null,
    seen,
    refused: null,
    client: from,
    listener: name,
  };
}

export function ask(lab: Lab, request: FuzzRequest): Decision {
  const { listener, method, target } = request;
  const refused = refusedByLoadBalancer(lab.plan, listenerOf(lab, request), request.from);
  if (refused !== undefined) return refusal(refused);
  const client = clientOf(lab, request);
  const headers = passedOn(listenerOf(lab, request), request.headers, client);
  return decide(lab.plan, { listener, method, target, headers, client });
}

function portOf(lab: Lab, { name }: ListenerPlan): number {
  return lab.plan.loadBalancer.ports.find(({ listener }) => listener === name)?.port.value ?? 0;
}

/** Why the lab's load balancer denies this client. */
function refusedAt(lab: Lab, listener: ListenerPlan, { from }: FuzzRequest): string | undefined {
  return listener.entrance === "internal" ? undefined : lab.refusedAt(portOf(lab, listener), from);
}

export function listenerOf(lab: Lab, request: FuzzRequest): ListenerPlan {
  const listener = lab.plan.listeners.find(({ name }) => name === request.listener);
  if (listener === undefined) throw new RangeError(`no listener ${request.listener}`);
  return listener;
}

function pathFor(
  lab: Lab,
  listener: ListenerPlan,
  { from }: FuzzRequest,
): Pick<LabRequest, "to" | "localAddress" | "preamble" | "tls"> {
  if (listener.entrance === "internal")
    return { to: lab.places.bind(listener.port.value), localAddress: lab.places.from("inside") };
  const port = portOf(lab, listener);
  const preamble = encodeProxyV1(
    proxiedAddresses(from, 40_000, from.includes(":") ? "2001:db8::ffff" : "198.51.100.1", port),
  );
  const tls =
    listener.scheme === "https" ? { tls: { servername: "any.test", verify: false, alpn: ["http/1.1"] } } : {};
  return {
    to: lab.entrance(port),
    localAddress: lab.places.from("inside"),
    preamble,
    ...tls,
  };
}

/** The client address that HAProxy sees. */
function clientOf(lab: Lab, request: FuzzRequest): string {
  const listener = listenerOf(lab, request);
  if (listener.entrance === "internal") return lab.places.from("inside");
  return listener.client.value === "connection" ? lab.places.from("load balancer") : request.from;
}

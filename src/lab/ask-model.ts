// What the model says of a request that goes through the lab: the same listener, and the same client address.
import { type Decision, decide } from "../model/decide.ts";
import type { Plan } from "../plan/plan.ts";
import { DEFAULT_CLIENT, type LabRequestOptions, listenerFor, splitUrl } from "./send.ts";

/** null where the request comes to no listener, or is a stranger's. `client` is the address HAProxy sees. */
export function askModel(
  plan: Plan,
  url: string,
  options: LabRequestOptions,
  client?: string,
): Decision | null {
  const asked = splitUrl(url);
  const through = options.through ?? "public";
  const listener = listenerFor(plan, asked, through);
  if (listener === undefined || through === "stranger") return null;
  const given = Array.isArray(options.headers)
    ? (options.headers as readonly (readonly [string, string])[])
    : Object.entries(options.headers ?? {});
  const host = given.some(([name]) => name.toLowerCase() === "host")
    ? []
    : [["Host", asked.authority] as const];
  const length =
    options.body === undefined || options.body.length === 0
      ? []
      : [["Content-Length", String(Buffer.byteLength(options.body))] as const];
  const headers = [...host, ...given, ...length].map(
    ([name, value]) => [name, Buffer.from(value).toString("latin1")] as const,
  );
  return decide(plan, {
    listener: listener.name,
    method: options.method ?? "GET",
    target: asked.target,
    headers,
    client: client ?? options.from ?? DEFAULT_CLIENT,
  });
}

// What the model says of a request that goes through the lab: the same listener, the same headers and the same client address.
import { type Decision, decide } from "../model/decide.ts";
import { passedOn } from "../model/forwarded.ts";
import type { Plan } from "../plan/plan.ts";
import type { Played } from "./expectation.ts";
import { listenerFor } from "./planned-listener.ts";
import { DEFAULT_CLIENT, type LabRequestOptions, sentRequest, splitUrl } from "./send.ts";

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
  const { method, target, headers } = sentRequest(asked, options);
  const from = client ?? options.from ?? DEFAULT_CLIENT;
  return decide(plan, {
    listener: listener.name,
    method,
    target,
    headers: passedOn(listener, headers, from),
    client: from,
  });
}

/** What the model says of an expectation's request that was played. */
export function askModelOf(
  plan: Plan,
  { expectation: { request }, answer }: Pick<Played, "expectation" | "answer">,
): Decision | null {
  const { url, method, headers, body, webSocket, through } = request;
  return askModel(plan, url, { method, headers, body, webSocket, through }, answer.client);
}

// The model's decision for a request to the lab: with the same listener, headers and client address.
import { type Decision, decide, refusal } from "../model/decide.ts";
import { passedOn } from "../model/forwarded.ts";
import { refusedByLoadBalancer } from "../model/load-balancer-access.ts";
import type { Plan } from "../plan/plan.ts";
import { rawBlocksOf } from "./agreement.ts";
import type { ExpectationResult } from "./expectation.ts";
import { listenerFor } from "./planned-listener.ts";
import { type LabRequestOptions, sentRequest, splitUrl } from "./send.ts";
import { DEFAULT_CLIENT } from "./sent-path.ts";

/** null where no listener gets the request, or it comes from an untrusted source. `client` is the address that HAProxy sees. */
export function queryModel(
  plan: Plan,
  url: string,
  options: LabRequestOptions,
  client?: string,
): Decision | null {
  const urlParts = splitUrl(url);
  const through = options.through ?? "public";
  const listener = listenerFor(plan, urlParts, through);
  if (listener === undefined || through === "untrusted") return null;
  const { method, target, headers } = sentRequest(urlParts, options);
  const refused =
    through === "public" ? refusedByLoadBalancer(plan, listener, options.from ?? DEFAULT_CLIENT) : undefined;
  if (refused !== undefined) return refusal(refused);
  const from = client ?? options.from ?? DEFAULT_CLIENT;
  return decide(plan, {
    listener: listener.name,
    method,
    target,
    headers: passedOn(listener, headers, from),
    client: from,
  });
}

/** The raw lines that may affect the answer; the model ignores them. */
export function rawLinesOf(
  plan: Plan,
  result: Pick<ExpectationResult, "expectation" | "answer">,
): readonly string[] {
  const { url, through } = result.expectation.request;
  const listener = listenerFor(plan, splitUrl(url), through);
  if (listener === undefined) return [];
  const blocks = rawBlocksOf(plan, listener, queryModelOf(plan, result), result.answer);
  return blocks.flatMap(({ lines }) => lines);
}

/** The model's decision for the request of an expectation that was run. */
export function queryModelOf(
  plan: Plan,
  { expectation: { request }, answer }: Pick<ExpectationResult, "expectation" | "answer">,
): Decision | null {
  const { url, method, headers, body, webSocket, through, from } = request;
  const client = from === null ? {} : { from };
  return queryModel(plan, url, { method, headers, body, webSocket, through, ...client }, answer.client);
}

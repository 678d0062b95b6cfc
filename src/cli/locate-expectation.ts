// Locates the requests of expectations in the request space of a description or of layers, for the coverage.

import { bindEntrance } from "../lab/bind-entrances.ts";
import type { ExpectationResult } from "../lab/expectation.ts";
import { listenerFor } from "../lab/planned-listener.ts";
import { sentRequest, splitUrl } from "../lab/send.ts";
import { DEFAULT_CLIENT } from "../lab/sent-path.ts";
import { passedOn } from "../model/forwarded.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { type Ask, NOT_KNOWN } from "../space/evaluate-request.ts";
import { listenerNames } from "../space/haproxy/evaluate-haproxy.ts";
import { locateRequest as locateInConfig } from "../space/haproxy/locate-request.ts";
import { locateRequest } from "../space/plan/locate-request.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import { requestAtBind } from "./rules-of-request.ts";

export interface SentExpectation extends Pick<ExpectationResult, "answer"> {
  readonly expectation: Pick<ExpectationPlan, "request" | "at">;
}

export interface Entrances {
  /** The listeners that requests of the lab can enter at, by their names in the space. */
  readonly listeners: readonly string[];
  /** undefined: the request is not in the space, or did not reach HAProxy. */
  readonly askOf: (sent: SentExpectation) => Promise<Ask | undefined>;
  /** Whether a request enters at a frontend without naming it. */
  readonly isDefault: (url: string, frontend: string) => boolean;
}

export function entrancesOfPlan(plan: Plan): Entrances {
  return {
    listeners: plan.listeners.map(({ name }) => name),
    isDefault: () => true,
    askOf: async ({ expectation: { request }, answer }) => {
      const { url, through, from } = request;
      const listener = listenerFor(plan, splitUrl(url), through);
      // HAProxy may ignore the header of an untrusted source, and a pod writes its own.
      if (listener === undefined || through === "untrusted" || through === "pod") return undefined;
      const { method, target, headers } = sentRequest(splitUrl(url), optionsOf(request));
      const { client } = answer;
      const located = locateRequest(
        plan,
        {
          listener: listener.name,
          method,
          target,
          headers: passedOn(listener, headers, client),
          client,
        },
        from ?? DEFAULT_CLIENT,
      );
      if ("outside" in located) return undefined;
      return ({ kind, id }) => (kind === "unknown" ? NOT_KNOWN : located.value(id));
    },
  };
}

export function entrancesOfLayers(wiring: Wiring, layer: HaproxyLayer): Entrances {
  const names = listenerNames(layer.wiring);
  const open = wiring.trafficPaths.flatMap(({ bind, brokenAt, haproxy }) =>
    bind !== undefined && brokenAt === undefined && haproxy === layer ? (names.get(bind) ?? []) : [],
  );
  return {
    listeners: [...new Set(open)],
    isDefault: (url, frontend) => {
      const binds = wiring.trafficPaths.filter(({ start }) => start === "bind");
      const found = bindEntrance(binds, splitUrl(url), undefined);
      return "proxy" in found && found.proxy.name === frontend;
    },
    askOf: async ({ expectation, answer }) => {
      const { url } = expectation.request;
      const request = { url, options: optionsOf(expectation.request) };
      const entered = await requestAtBind({ wiring, layer, request, answer });
      return entered && locateInConfig(entered.request);
    },
  };
}

function optionsOf({ url: _, from, ...request }: ExpectationPlan["request"]) {
  return { ...request, ...(from !== null && { from }) };
}

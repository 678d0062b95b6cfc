// access-list-sees-load-balancer: a rule compares `src` with addresses of clients, and every connection has the load balancer's.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import { isPrivateNetwork } from "../../wiring/private-networks.ts";
import { groupsOf } from "../groups.ts";
import { testsOf } from "../layers/conditions.ts";
import { expectationOf } from "../layers/expects-proxy.ts";
import { linesFor, pathsTo, placeOf } from "../layers/haproxy-view.ts";
import { type BalancedPath, balancedPaths, kindOf, portOf } from "../layers/hops.ts";
import { sendsRequests } from "../layers/idle.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const accessListSeesLoadBalancer: Rule = {
  code: "access-list-sees-load-balancer",
  severity: "error",
  check: (wiring) =>
    groupsOf(balancedPaths(wiring), ({ proxy }) => proxy).flatMap(([path, ...others]) => {
      const { proxy } = path;
      const all = pathsTo(wiring, proxy.binds).filter(({ start }) => start !== "service");
      const blind = [path, ...others].filter(hidesClients);
      if (blind.length < all.length || changesSource(path)) return [];
      const lines = linesFor(proxy).flatMap((line) => {
        const values = testsOf(proxy, readCondition(line)).flatMap(({ test }) =>
          test.fetch.value === "src" && test.files.length === 0
            ? test.patterns.map(({ value }) => value)
            : [],
        );
        const isRule = /^(?:http-request|tcp-request|use_backend|redirect)$/.test(
          line.tokens[0]?.value ?? "",
        );
        return isRule && values.length > 0 && !values.some(isPrivateNetwork) ? [{ line, values }] : [];
      });
      return lines.map(({ line, values }) => findingOf(path, placeOf(path.haproxy.config, line), values));
    }),
};

function findingOf(
  path: BalancedPath,
  at: RuleFinding["at"][number],
  values: readonly string[],
): RuleFinding {
  const { loadBalancer, listener, proxy } = path;
  return {
    what: `a rule of \`${proxy.name}\` compares the address of the load balancer with ${listOf(values)}`,
    why: `On ${portOf(path)}, ${kindOf(loadBalancer)} opens its own connections and writes the client address into X-Forwarded-For: \`src\` is its address for every client, and the rule holds for all of them or for none.`,
    remedy:
      "Write `http-request set-src hdr(x-forwarded-for,-1)` before the rule, or compare `hdr_ip(x-forwarded-for,-1)`.",
    at: [noted(at, "sees the load balancer"), noted(listener.at, "opens its own connections")],
  };
}

/** Only if it is certain; a TCP load balancer that does not preserve the client address is client-address-lost. */
function hidesClients({ listener, proxy, bind }: BalancedPath): boolean {
  return sendsRequests(listener) === true && expectationOf(proxy, bind).when === "never";
}

function changesSource({ proxy }: BalancedPath): boolean {
  return linesFor(proxy).some(
    ({ tokens: [first, action] }) => /-request$/.test(first?.value ?? "") && action?.value === "set-src",
  );
}

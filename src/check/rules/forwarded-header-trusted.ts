// forwarded-header-trusted: client address read from a header that clients can write.

import { containEveryone } from "../../plan/everyone.ts";
import { readCondition } from "../../wiring/haproxy/condition.ts";
import { directiveOf } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { expressionsOf, headerOf, testsOf } from "../layers/conditions.ts";
import { clientSides, linesFor, pathsTo, placeOf, reachOf } from "../layers/haproxy-view.ts";
import { sendsRequests } from "../layers/idle.ts";
import type { Rule } from "../rule.ts";

const CLIENT_ADDRESS_HEADER =
  /^(x-forwarded-for|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|forwarded)$/;

export const forwardedHeaderTrusted: Rule = {
  code: "forwarded-header-trusted",
  severity: "warning",
  check: (wiring) =>
    clientSides(wiring).flatMap(({ layer, proxy }) => {
      if (reachOf(wiring, { layer, proxy }) !== "outside") return [];
      const readsRequests = pathsTo(wiring, proxy.binds)
        // A load balancer that is only in the description does not prevent other clients from connecting.
        .filter(({ loadBalancer }) => loadBalancer?.kind !== "described")
        .map(({ listener }) => listener && sendsRequests(listener));
      if (readsRequests.includes(true)) return [];
      if (!readsRequests.includes(false) && acceptsSomeSources(layer, proxy)) return [];
      return linesFor(proxy).flatMap((line) => {
        const tests = testsOf(proxy, readCondition(line));
        // Trusted from some addresses only.
        if (tests.some(({ test, negated }) => !negated && /^src\b/.test(test.fetch.value))) return [];
        const [first, action] = directiveOf(line).words.map(({ value }) => value);
        const expressions =
          action === "set-src" ? expressionsOf(line) : tests.map(({ test }) => test.expression);
        const header = expressions
          .map((one) => headerOf(one))
          .find((name) => CLIENT_ADDRESS_HEADER.test(name ?? ""));
        if (
          header === undefined ||
          (first !== "http-request" && first !== "tcp-request" && first !== "use_backend")
        )
          return [];
        return {
          what: `\`${proxy.name}\` trusts ${header} from every client`,
          why: "Not only an HTTP load balancer can connect: a client that connects itself chooses the value of the header, and can send an address that this line admits or hide one that it refuses.",
          remedy:
            "Compare `src`, which comes from the connection or its PROXY header; or add `if { src NETWORKS }` with the networks of the proxy that writes the header.",
          at: [placeOf(layer.config, line), proxy.binds[0]?.address.at],
          described: {
            remedy:
              "Write the networks of the load balancer's own addresses in `sources`, such as its subnets.",
            field: ["public", "loadBalancer", "sources"],
          },
        };
      });
    }),
};

/** Only named sources may connect, without PROXY headers: a proxy that no file describes is in front, and writes the header. */
function acceptsSomeSources({ wiring }: HaproxyLayer, { name, binds, expectProxy }: HaproxyProxy): boolean {
  const admitted = wiring.sources.filter(({ owner, admits }) => owner === name && admits);
  return (
    admitted.length > 0 &&
    !containEveryone(admitted.map(({ value }) => value)) &&
    expectProxy.length === 0 &&
    !binds.some(({ acceptProxy }) => acceptProxy)
  );
}

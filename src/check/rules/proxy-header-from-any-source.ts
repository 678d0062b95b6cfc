// proxy-header-from-any-source: PROXY headers accepted from every address.
import { containEveryone } from "../../plan/everyone.ts";
import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { onceEach } from "../groups.ts";
import { type PlacedTest, testsOf } from "../layers/conditions.ts";
import { clientSides, isLocal, lineageOf, linesFor, passesOn, pathsTo } from "../layers/haproxy-view.ts";

import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const proxyHeaderFromAnySource: Rule = {
  code: "proxy-header-from-any-source",
  severity: "warning",
  check: (wiring) =>
    clientSides(wiring).flatMap(({ proxy }) => {
      if (!usesAddress(proxy)) return [];
      // `tcp-request connection` is evaluated before the header is read, with the address of the connection itself.
      if (refusesUntrusted(proxy)) return [];
      const believing = [
        ...proxy.binds
          .filter(({ acceptProxy, address }) => acceptProxy && !isLocal(address))
          .map((bind) => ({ at: bind.address.at, binds: [bind] })),
        ...lineageOf(proxy)
          .flatMap(({ expectProxy }) => expectProxy)
          .filter(({ condition }) => believesEveryone(proxy, condition))
          .map(({ at }) => ({ at, binds: proxy.binds })),
      ];
      return believing.map(({ at, binds }) => ({
        what: `\`${proxy.name}\` accepts a PROXY header from any address`,
        why: "A client that reaches the port without the load balancer, at the address of a node or from a pod, can write any client address into the header: logs and X-Forwarded-For show that address, and rules on `src` compare it.",
        remedy:
          "Write `tcp-request connection reject if !{ src NETWORKS }` above, with the networks of the load balancer's own addresses.",
        at: onceEach(
          [
            at,
            ...pathsTo(wiring, binds).flatMap(({ servicePort, service }) =>
              servicePort?.nodePort && service?.type !== "ClusterIP"
                ? [noted(servicePort.nodePort.at, "also reached here")]
                : [],
            ),
          ],
          (place) => JSON.stringify(place),
        ),
        described: {
          remedy:
            "Write the networks of the load balancer's own addresses in `sources`, such as its subnets.",
          field: ["public", "loadBalancer", "sources"],
        },
      }));
    }),
};

/** A port that only answers checks does not use the address in the header. */
function usesAddress(proxy: HaproxyProxy): boolean {
  return (
    passesOn(proxy) || proxy.logs.length > 0 || proxy.section.lines.some(({ text }) => /\bsrc\b/.test(text))
  );
}

function refusesUntrusted(proxy: HaproxyProxy): boolean {
  return ["reject", "silent-drop"]
    .flatMap((action) => linesFor(proxy, "tcp-request", "connection", action))
    .some((line) => {
      const tests = testsOf(proxy, readCondition(line)).filter(
        ({ test, negated }) => negated && test.fetch.value.startsWith("src"),
      );
      return tests.length > 0 && !haveEveryone(tests);
    });
}

function believesEveryone(
  proxy: HaproxyProxy,
  condition: HaproxyProxy["expectProxy"][number]["condition"],
): boolean {
  const tests = testsOf(proxy, condition).filter(({ test }) => test.fetch.value.startsWith("src"));
  return tests.length === 0 || haveEveryone(tests);
}

function haveEveryone(tests: readonly PlacedTest[]): boolean {
  return containEveryone(tests.flatMap(({ test }) => test.patterns.map(({ value }) => value)));
}

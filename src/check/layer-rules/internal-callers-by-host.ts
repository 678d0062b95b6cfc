// internal-callers-by-host: callers inside the cluster told apart by a header that anyone can write.

import { readCondition } from "../../wiring/haproxy/condition.ts";
import { tokenPosition } from "../../wiring/haproxy/config.ts";
import { headerOf, type PlacedTest, testsOf } from "../layers/conditions.ts";
import { clientSides, lineageOf, placeOf, reachOf } from "../layers/haproxy-view.ts";
import type { LayerRule } from "../layers/layer-rule.ts";

export const internalCallersByHost: LayerRule = {
  code: "internal-callers-by-host",
  severity: "warning",
  about: "internal callers told apart by a header on a port that others reach",
  check: (wiring) =>
    clientSides(wiring).flatMap(({ layer, proxy }) => {
      const reach = reachOf(wiring, { layer, proxy });
      if (reach === "cluster" || reach === "itself") return [];
      const uses = lineageOf(proxy)
        .flatMap(({ section }) => section.lines)
        .flatMap((line) => testsOf(proxy, readCondition(line)).map((placed) => ({ line, placed })))
        .filter(({ placed }) => namesInternal(placed));
      const groups = Map.groupBy(uses, ({ placed }) => placed.test);
      return [...groups].map(([test, found]) => {
        const header =
          headerOf(test.expression) === "host" ? "Host" : `header ${headerOf(test.expression) ?? ""}`;
        const first = found[0]?.line;
        const skipsHttps = found.some(({ line }) => /\bredirect scheme https\b|https:\/\//.test(line.text));
        return {
          what: `\`${proxy.name}\` takes anyone with the right ${header} for an internal caller`,
          why: `The port is open to others too, and a header can be forged: a request whose ${header} matches \`${test.patterns.map(({ value }) => value).join(" ")}\` gets what is meant for callers inside the cluster${skipsHttps ? ", over plain HTTP and without the redirect to HTTPS" : ""}.`,
          remedy: "Bind a port of its own for internal callers, and lead to it by a ClusterIP Service alone.",
          at: [
            tokenPosition(layer.config, test.fetch, test.patterns.at(-1) ?? test.fetch),
            first === undefined ? null : placeOf(layer.config, first),
            proxy.binds[0]?.address.at,
          ],
        };
      });
    }),
};

/** By the ACL's name, or because no pattern is a name that the world could know. */
function namesInternal({ test, acl }: PlacedTest): boolean {
  const header = headerOf(test.expression);
  if (header === null || !/^(host|x-.*|user-agent|referer|origin)$/.test(header)) return false;
  if (/intern|private|cluster|trusted|in_?house/i.test(acl ?? "")) return true;
  const patterns = test.patterns.map(({ value }) => value.replace(/[\^$\\]/g, "").toLowerCase());
  return (
    header === "host" &&
    patterns.length > 0 &&
    patterns.every((one) => /^[a-z][a-z0-9-]+$/.test(one) || /\.(local|internal|svc)(:\d+)?$/.test(one))
  );
}

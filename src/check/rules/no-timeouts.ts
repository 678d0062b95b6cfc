// no-timeouts: proxy without `timeout client`, `connect` or `server`.
import type { Position } from "../../findings/finding.ts";
import { directiveOf } from "../../wiring/haproxy/config.ts";
import { readDurationMs } from "../../wiring/haproxy/read-settings.ts";
import { keyOf, onceEach } from "../groups.ts";
import {
  clientSides,
  lineageOf,
  linesOf,
  type PlacedProxy,
  placeOf,
  serverSides,
} from "../layers/haproxy-view.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf } from "../wording.ts";

export const noTimeouts: Rule = {
  code: "no-timeouts",
  severity: "warning",
  check(wiring) {
    const missing = [
      ...clientSides(wiring)
        .filter(({ proxy }) => proxy.binds.length > 0)
        .map((placed) => ({ ...placed, names: ["client"] })),
      ...serverSides(wiring)
        .filter(({ proxy }) => proxy.servers.length > 0)
        .map((placed) => ({ ...placed, names: ["connect", "server"] })),
    ].flatMap(({ layer, proxy, names }) =>
      names.filter((name) => !proxy.timeouts.has(name)).map((name) => ({ name, layer, proxy })),
    );
    return [...Map.groupBy(missing, ({ name }) => name)].map(([name, found]): RuleFinding => {
      const zeros = found.flatMap((placed) => zeroOf(placed, name) ?? []);
      return {
        what: `no \`timeout ${name}\` in ${listOf(found.map(({ proxy }) => proxy.name))}`,
        why: `${zeros.length > 0 ? "0 means no timeout. " : ""}${WHY[name] ?? ""}`,
        remedy: `Write \`timeout ${name} ${name === "connect" ? "2s" : "30s"}\` in \`defaults\`.`,
        at: [...onceEach(zeros, keyOf), ...found.map(({ proxy }) => proxy.at)].slice(0, 5),
      };
    });
  },
};

/** The line that switches the timeout off, in the proxy or its defaults. */
function zeroOf({ layer, proxy }: PlacedProxy, name: string): Position | undefined {
  const lines = lineageOf(proxy).flatMap(({ section }) => linesOf(section, "timeout", name).toReversed());
  const zero = lines.find((line) => readDurationMs(directiveOf(line).words[2]?.value ?? "") === 0);
  return zero && placeOf(layer.config, zero);
}

const WHY: Readonly<Record<string, string>> = {
  client:
    "A client that disappears holds its connection permanently: such connections accumulate until `maxconn` is reached, and HAProxy accepts no new client.",
  connect: "A request to a server that does not answer waits for minutes, until the kernel gives up.",
  server:
    "A server that hangs holds its requests permanently, each with a client connection, until `maxconn` is reached.",
};

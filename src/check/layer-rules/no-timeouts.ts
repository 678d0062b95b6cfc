// no-timeouts: connections that nothing ever ends.
import { clientSides, serverSides } from "../layers/haproxy-view.ts";
import type { LayerFinding, LayerRule } from "../layers/layer-rule.ts";
import { listOf } from "../wording.ts";

export const noTimeouts: LayerRule = {
  code: "no-timeouts",
  severity: "warning",
  about: "proxies without the three timeouts",
  check(wiring) {
    const missing = [
      ...clientSides(wiring)
        .filter(({ proxy }) => proxy.binds.length > 0)
        .map(({ proxy }) => ({ proxy, names: ["client"] })),
      ...serverSides(wiring)
        .filter(({ proxy }) => proxy.servers.length > 0)
        .map(({ proxy }) => ({ proxy, names: ["connect", "server"] })),
    ].flatMap(({ proxy, names }) =>
      names.filter((name) => !proxy.timeouts.has(name)).map((name) => ({ name, proxy })),
    );
    return [...Map.groupBy(missing, ({ name }) => name)].map(([name, found]): LayerFinding => {
      const proxies = found.map(({ proxy }) => proxy);
      return {
        what: `no \`timeout ${name}\` in ${listOf(proxies.map((proxy) => proxy.name))}`,
        why: WHY[name] ?? "",
        remedy: `Write \`timeout ${name} ${name === "connect" ? "2s" : "30s"}\` in \`defaults\`.`,
        at: proxies.slice(0, 5).map(({ at }) => at),
      };
    });
  },
};

const WHY: Readonly<Record<string, string>> = {
  client:
    "A client that vanishes without a word holds its connection for ever: they pile up until `maxconn` is reached and nobody gets in.",
  connect: "A server that does not answer keeps each request waiting for minutes, until the kernel gives up.",
  server:
    "A server that hangs keeps its requests for ever, each with a client's connection, until `maxconn` is reached.",
};

// balance-over-one-address: load balancing over a single Service address.
import { serverSides } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

/** Choose among servers by their load or order. `roundrobin` is the default, and may be unintended; hashes are for affinity. */
const CHOOSING = ["leastconn", "first", "random", "static-rr"];

export const balanceOverOneAddress: Rule = {
  code: "balance-over-one-address",
  severity: "warning",
  check(wiring) {
    const sides = serverSides(wiring).filter(
      ({ proxy }) =>
        proxy.servers.length > 0 && CHOOSING.includes(proxy.balance?.value.replace(/\(.*$/, "") ?? ""),
    );
    // A line in `defaults` applies to every backend that inherits it: it is justified if one of them has several servers.
    const groups = Map.groupBy(sides, ({ layer, proxy }) => `${layer.config.file}:${proxy.balance?.at.line}`);
    return [...groups.values()].flatMap((group) => {
      const single = group.filter(
        ({ proxy }) => proxy.servers.length === 1 && proxy.servers[0]?.template === undefined,
      );
      const named = single.filter(({ proxy }) => proxy.servers[0]?.address.kind === "name");
      const [first] = named;
      const balance = first?.proxy.balance;
      if (first === undefined || balance === undefined || single.length < group.length) return [];
      const servers = named.flatMap(({ proxy }) => proxy.servers);
      return {
        what: `\`balance ${balance.value}\` in ${listOf(named.map(({ proxy }) => proxy.name))} has only one server address`,
        why: `HAProxy connects to one address. For a Service, kube-proxy chooses a random pod for each connection. ${balance.value === "leastconn" ? "A slow pod gets as many connections as a fast one." : "HAProxy does not balance between pods."}`,
        remedy:
          "Make the Service headless (`clusterIP: None`) and write `server-template NAME 10 HOST:PORT resolvers …`, so that HAProxy has one server per pod, or remove `balance`.",
        at: [balance.at, ...servers.slice(0, 5).map(({ address }) => noted(address.at, "one address"))],
        ...(servers.every(({ address }) => address.text.includes(".svc.")) && {
          described: {
            remedy:
              "Write `endpoints: headless` in the backend, so that HAProxy has one server per pod, or remove the line.",
            replacesRaw: true,
          },
        }),
      };
    });
  },
};

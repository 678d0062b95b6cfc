// host-bits-set: network with host bits set.
import type { DescriptionPath, Edge } from "../../plan/lowering.ts";
import { wholeNetwork } from "../../plan/whole-network.ts";
import { describedRoutes } from "../described-routes.ts";
import type { PlanRule } from "../rule.ts";

export const hostBitsSet: PlanRule = {
  code: "host-bits-set",
  severity: "note",
  check({ edge, at }) {
    return networkLists(edge).flatMap(({ networks, path }) =>
      networks.flatMap((network, index) => {
        const whole = wholeNetwork(network);
        if (!network.includes("/") || whole === network) return [];
        const [address = ""] = network.split("/");
        return {
          what: `the network \`${network}\` has host bits set`,
          why: `Only the prefix is compared: the entry matches all of ${whole}, not only ${address}.`,
          remedy: `Write \`${whole}\` for the network, or \`${address}\` for the single address.`,
          at: [at([...path, index])],
        };
      }),
    );
  },
};

interface NetworkList {
  readonly networks: readonly string[];
  readonly path: DescriptionPath;
}

/** Every field of a description that contains networks. */
function networkLists(edge: Edge | undefined): readonly NetworkList[] {
  const { loadBalancer, allow } = edge?.public ?? {};
  const policy = edge?.kubernetes?.networkPolicy;
  const lists: readonly {
    readonly networks: readonly string[] | undefined;
    readonly path: DescriptionPath;
  }[] = [
    {
      networks: typeof loadBalancer === "object" ? loadBalancer.sources : undefined,
      path: ["public", "loadBalancer", "sources"],
    },
    { networks: allow, path: ["public", "allow"] },
    {
      networks: typeof policy === "object" ? policy.publicFrom : undefined,
      path: ["kubernetes", "networkPolicy", "publicFrom"],
    },
    ...describedRoutes(edge).flatMap(({ route, path }) => [
      { networks: route.allow, path: [...path, "allow"] },
      { networks: route.deny, path: [...path, "deny"] },
    ]),
  ];
  return lists.flatMap(({ networks, path }) => (networks === undefined ? [] : [{ networks, path }]));
}

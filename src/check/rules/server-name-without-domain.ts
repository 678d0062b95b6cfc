// server-name-without-domain: server name that needs a search list.
import { serverSides } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";

export const serverNameWithoutDomain: Rule = {
  code: "server-name-without-domain",
  severity: "error",
  check(wiring) {
    const services = new Set(wiring.services.map(({ name, namespace }) => `${name}.${namespace}`));
    return serverSides(wiring).flatMap(({ layer, proxy }) => {
      // Outside of a cluster the name server may know short names, as that of Docker does.
      if (layer.runBy === undefined || layer.runBy.workload.compose !== undefined) return [];
      const { namespace } = layer.runBy.workload;
      return proxy.servers.flatMap(({ address, resolvers }) => {
        const bare = address.host.replace(/\.$/, "");
        if (address.kind !== "name" || resolvers === undefined || bare === "localhost") return [];
        const [service = bare, ofNamespace] = bare.split(".");
        if (bare.includes(".") && !bare.endsWith(".svc") && !services.has(bare)) return [];
        const complete = `${service}.${ofNamespace ?? namespace}.svc.cluster.local`;
        return {
          what: `the server name \`${address.host}\` is not fully qualified`,
          why: "With `resolvers`, HAProxy resolves names as they are written, without the search list of resolv.conf (manual section 5.3): the name does not resolve, the server goes down, and its requests get 503.",
          remedy: `Write the complete name, such as \`${complete}\`.`,
          at: [address.at, resolvers.at],
          described: {
            remedy: `Write the complete name, such as \`${complete}\`, or \`service\` and \`port\` for a Kubernetes Service.`,
          },
        };
      });
    });
  },
};

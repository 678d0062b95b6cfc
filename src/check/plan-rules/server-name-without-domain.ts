// server-name-without-domain: server name that needs a search list.
import type { PlanRule } from "../rule.ts";

export const serverNameWithoutDomain: PlanRule = {
  code: "server-name-without-domain",
  severity: "warning",
  check({ plan, at }) {
    return plan.backends
      .filter(({ variantOf }) => variantOf === null)
      .flatMap(({ name, servers, at: place }) =>
        servers.flatMap(({ host, resolved }, index) => {
          const bare = host.replace(/\.$/, "");
          if (!resolved || (bare.includes(".") && !bare.endsWith(".svc"))) return [];
          return {
            what: `the server name \`${host}\` is not fully qualified`,
            why: "HAProxy resolves names as they are written, without the search list of resolv.conf (manual 5.3): the name does not resolve, the server stays down, and its requests get 503.",
            remedy: `Write the complete name, such as \`${bare.split(".")[0] ?? bare}.${plan.namespace}.svc.cluster.local\`, or \`service\` and \`port\` for a Kubernetes Service.`,
            at: [at(["backends", name, "servers", index]) ?? place],
          };
        }),
      );
  },
};

// server-not-on-network: server name that no service on a shared network of the Compose project has.
import { resolvesAtStart } from "../layers/resolves-at-start.ts";
import { brokenServers } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const serverNotOnNetwork: Rule = {
  code: "server-not-on-network",
  severity: "error",
  check: (wiring) =>
    brokenServers(wiring, "not-on-network").map(({ brokenAt, paths, backends }) => {
      const [{ haproxy, server }] = paths;
      const stopping = paths.filter((path) => resolvesAtStart(path.server));
      const project = haproxy.runBy?.workload.compose?.project;
      const names = project?.services.map(({ name }) => name) ?? [];
      return {
        what: `\`${server.address.host}\` does not resolve: ${brokenAt.because}`,
        why:
          stopping.length > 0
            ? "HAProxy resolves the name at start and exits: no request is served."
            : `The server gets no address: requests to ${backends} get 503.`,
        remedy: `Write the name of a service on a network of HAProxy's service, or attach both services to one network. The services in the file are ${listOf(names, 10)}.`,
        at: [
          ...paths.slice(0, 5).map((path) => path.server.address.at),
          noted(haproxy.runBy?.workload.at, "HAProxy's service"),
        ],
        stops: stopping.map((path) => path.haproxy),
      };
    }),
};

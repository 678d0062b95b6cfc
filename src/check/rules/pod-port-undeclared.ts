// pod-port-undeclared: connections to a server go to a port that no container of its pods lists.
import { brokenServers, placesOf, sentence } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const podPortUndeclared: Rule = {
  code: "pod-port-undeclared",
  severity: "warning",
  check: (wiring) =>
    brokenServers(wiring, "pod-port-undeclared").map((broken) => ({
      what: sentence(broken.brokenAt.because),
      why: `Containers may listen on ports that they do not list. If no container listens on it, connections are refused, and requests to ${broken.backends} get 503.`,
      remedy:
        "Write a port of the containers as `targetPort` (for a headless Service, on the server line), or list the port as `containerPort`.",
      at: [
        ...placesOf(broken, "connections go to this port"),
        ...(broken.paths[0].workload?.containers ?? [])
          .flatMap(({ ports }) => ports)
          .slice(0, 5)
          .map(({ port }) => noted(port.at, "listed")),
      ],
    })),
};

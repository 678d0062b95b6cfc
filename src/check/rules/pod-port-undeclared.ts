// pod-port-undeclared: connections to a server go to a port that no container of its pods lists.
import { capitalized } from "../../findings/sentence.ts";
import { type BrokenServers, brokenServers, placesOf } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

const COMPOSE =
  "Write a port of the container on the server line, or list the port in `expose` of the service.";

export const podPortUndeclared: Rule = {
  code: "pod-port-undeclared",
  severity: "warning",
  check: (wiring) =>
    brokenServers(wiring, "pod-port-undeclared").map((broken) => ({
      what: capitalized(broken.brokenAt.because),
      why: `Containers may listen on ports that they do not list. If no container listens on it, connections are refused, and requests to ${broken.backends} get 503.`,
      remedy:
        broken.paths[0].workload?.compose !== undefined
          ? COMPOSE
          : "Write a port of the containers as `targetPort` (for a headless Service, on the server line), or list the port as `containerPort`.",
      at: [
        ...placesOf(broken, "connections go to this port"),
        ...listedBy(broken)
          .slice(0, 5)
          .map(({ at }) => noted(at, "listed")),
      ],
    })),
};

function listedBy({ paths: [{ workload }] }: BrokenServers) {
  return (
    workload?.compose?.listed ??
    workload?.containers.flatMap(({ ports }) => ports.map(({ port }) => port)) ??
    []
  );
}

// pod-port-missing: connections to a server go to a port that its pods do not listen on.
import { capitalized } from "../../findings/sentence.ts";
import { brokenServers, effectOf, placesOf } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const podPortMissing: Rule = {
  code: "pod-port-missing",
  severity: "error",
  check: (wiring) =>
    brokenServers(wiring, "pod-port-missing").map((broken) => {
      const [{ service, servicePort, workload }] = broken.paths;
      const target = servicePort?.targetPort.value;
      const direct = service?.headless === true || service?.type === "ExternalName";
      return {
        what: capitalized(broken.brokenAt.because),
        why: effectOf(broken),
        remedy:
          direct && target !== undefined
            ? `Write the port ${target} on the server line, or remove \`clusterIP: None\`.`
            : "Write a port that the pods listen on: on the server line for a headless Service, otherwise as `targetPort`.",
        at: [
          ...placesOf(broken, "the pods' port"),
          ...(workload?.containers ?? [])
            .flatMap(({ ports }) => ports)
            .slice(0, 5)
            .map(({ port }) => noted(port.at, "the pods listen on it")),
        ],
      };
    }),
};

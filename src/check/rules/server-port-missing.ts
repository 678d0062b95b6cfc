// server-port-missing: HAProxy connects to a port that the Service does not have.
import { brokenServers, effectOf, placesOf } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const serverPortMissing: Rule = {
  code: "server-port-missing",
  severity: "error",
  check: (wiring) =>
    brokenServers(wiring, "port-missing").map((broken) => {
      const [{ service, server }] = broken.paths;
      const ports = (service?.ports ?? []).filter(({ protocol }) => protocol === "TCP");
      const [only] = ports;
      return {
        what: `${broken.brokenAt.because}, and HAProxy connects to it`,
        why: `${effectOf(broken)} With kube-proxy in its \`nftables\` or \`ipvs\` mode, connections are refused instead.`,
        remedy:
          ports.length === 1 && only !== undefined
            ? `Write the port ${only.port.value} on the server line, or add the port ${server.address.ports?.from ?? ""} to the Service.`
            : "Write a port of the Service on the server line, or add the port to the Service.",
        at: [
          ...placesOf(broken, "the Service"),
          ...(service?.ports ?? []).slice(0, 5).map(({ port }) => noted(port.at, "a port of the Service")),
        ],
      };
    }),
};

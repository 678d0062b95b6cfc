// server-without-pods: the Service of a server has no endpoint.
import { capitalized } from "../../findings/sentence.ts";
import { brokenServers, effectOf, placesOf } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const serverWithoutPods: Rule = {
  code: "server-without-pods",
  severity: "error",
  check: (wiring) =>
    brokenServers(wiring, "no-endpoints", "pod-missing").map((broken) => {
      const [{ service }] = broken.paths;
      return {
        what: capitalized(broken.brokenAt.because),
        why: effectOf(broken),
        remedy:
          broken.fault === "pod-missing"
            ? "Write the name of a pod that exists, or the name of the Service."
            : "Give the Service at least one ready pod: its selector has the labels of the pods, and they are ready.",
        at: [...placesOf(broken, "this leaves no endpoint"), noted(service?.at, "the Service")],
      };
    }),
};

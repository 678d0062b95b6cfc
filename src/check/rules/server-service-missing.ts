// server-service-missing: no Service of the name, in a namespace whose objects are in the folder.
import { brokenServers, effectOf, placesOf } from "../layers/server-faults.ts";
import type { Rule } from "../rule.ts";

export const serverServiceMissing: Rule = {
  code: "server-service-missing",
  severity: "warning",
  check: (wiring) =>
    brokenServers(wiring, "service-missing").map((broken) => ({
      what: `${broken.brokenAt.because}, and HAProxy connects to it`,
      why: `Other objects of its namespace are here. If the Service does not exist: ${effectOf(broken)}`,
      remedy: "Correct the name, or make sure that the Service is created from other files.",
      at: placesOf(broken, "the Service"),
    })),
};

// api-version-removed: API version that Kubernetes no longer serves.
import { valueAt } from "../../source/data.ts";
import { removedApi } from "../layers/removed-apis.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const apiVersionRemoved: Rule = {
  code: "api-version-removed",
  severity: "error",
  check: (wiring) =>
    wiring.objects.flatMap((object) => {
      const { apiVersion, kind, name } = object;
      const removed = removedApi(apiVersion, kind);
      if (removed === undefined) return [];
      // The old versions used the pods' labels as the default selector; apps/v1 has no default.
      const wantsSelector =
        removed.now === "apps/v1" && valueAt(object.data, ["spec", "selector"]) === undefined;
      return {
        what: `${kind} \`${name}\` is in ${apiVersion}, which Kubernetes ${removed.since} and newer do not serve`,
        why: `\`kubectl apply\` fails: no matches for kind "${kind}" in version "${apiVersion}". The object is not created.`,
        remedy:
          removed.now === undefined
            ? "Remove the object, and use Pod Security Admission instead."
            : `Write \`apiVersion: ${removed.now}\`${wantsSelector ? ", and the required `spec.selector`" : ""}.`,
        at: [
          object.place(["apiVersion"]) ?? object.at,
          wantsSelector
            ? noted(object.place(["spec"], { key: true }), `no \`selector\`, which ${removed.now} requires`)
            : undefined,
        ],
      };
    }),
};

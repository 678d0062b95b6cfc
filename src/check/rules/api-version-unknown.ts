// api-version-unknown: API version that does not contain the kind.
import { isPlaceholder } from "../../wiring/placeholder.ts";
import { removedApi } from "../layers/removed-apis.ts";
import { servedApi } from "../layers/served-apis.ts";
import type { Rule } from "../rule.ts";

export const apiVersionUnknown: Rule = {
  code: "api-version-unknown",
  severity: "error",
  check: (wiring) =>
    wiring.objects.flatMap((object) => {
      const { apiVersion, kind, name } = object;
      const served = servedApi(apiVersion, kind);
      if (served === undefined || removedApi(apiVersion, kind) !== undefined || isPlaceholder(apiVersion))
        return [];
      return {
        what: `${kind} \`${name}\` has \`apiVersion: ${apiVersion}\`, which does not contain this kind`,
        why: `\`kubectl apply\` fails: no matches for kind "${kind}" in version "${apiVersion}". The object is not created.`,
        remedy: `Write \`apiVersion: ${served}\`.`,
        at: [object.place(["apiVersion"]) ?? object.at],
      };
    }),
};

// proxy-header-from-any-source: PROXY headers that are trusted from any address.

import type { PlanRule } from "../plan-rule.ts";
import { trustedFromAnyone } from "../trusted-from-anyone.ts";

export const proxyHeaderFromAnySource: PlanRule = {
  code: "proxy-header-from-any-source",
  severity: "warning",
  about: "PROXY headers that are trusted from every address",
  check: (context) =>
    trustedFromAnyone(context, "a PROXY header", ({ proxyProtocol }) => proxyProtocol.value !== "none"),
};

// proxy-header-from-any-source: PROXY headers accepted from every address.

import type { PlanRule } from "../plan-rule.ts";
import { trustedFromAnyone } from "../trusted-from-anyone.ts";

export const proxyHeaderFromAnySource: PlanRule = {
  code: "proxy-header-from-any-source",
  severity: "warning",
  check: (context) =>
    trustedFromAnyone(context, "a PROXY header", ({ proxyProtocol }) => proxyProtocol.value !== "none"),
};

// setting-without-effect: what a route asks for on the way to a backend, where no request goes to one.

import type { RoutePlan } from "../../plan/site-plan.ts";
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const settingWithoutEffect: Rule = {
  code: "setting-without-effect",
  severity: "warning",
  about: "settings for a backend on routes that answer by themselves",
  check({ plan }) {
    return plan.sites.flatMap(({ routes }) =>
      routes.flatMap((route) => {
        const settings = route.action.kind === "forward" ? [] : backendSettings(route);
        if (settings.length === 0) return [];
        return [
          {
            what: `${listOf(settings)} ${settings.length === 1 ? "does" : "do"} nothing on \`${route.id}\``,
            why: `HAProxy answers by itself there (${route.action.kind}); no backend sees the request.`,
            remedy: `Remove ${settings.length === 1 ? "it" : "them"}, or send the requests to a backend.`,
            at: [route.at],
          },
        ];
      }),
    );
  },
};

function backendSettings({ rewrite, requestHeaders, timeouts }: RoutePlan): readonly string[] {
  const edits = requestHeaders.set.length + requestHeaders.add.length + requestHeaders.remove.length;
  return [
    ...(rewrite.host !== null || rewrite.path !== null ? ["rewrite"] : []),
    ...(edits > 0 ? ["requestHeaders"] : []),
    ...(timeouts.serverMs !== null || timeouts.tunnelMs !== null ? ["timeouts"] : []),
  ];
}

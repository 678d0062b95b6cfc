// setting-without-effect: setting without effect.
import { namesIn } from "../../plan/header-edits.ts";
import type { DescriptionPath, Edge } from "../../plan/lowering.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";
import { describedRoutes } from "../described-routes.ts";
import type { CheckContext, PlanRule, RuleFinding, RuleFindings } from "../rule.ts";
import { listOf } from "../wording.ts";

export const settingWithoutEffect: PlanRule = {
  code: "setting-without-effect",
  severity: "warning",
  check: (context) =>
    [
      onRoutes,
      onSites,
      responsesOfServers,
      servedOnPlainHttp,
      stickyKey,
      balanceOfOne,
      nodePorts,
      ofServicesOnly,
      logDaemon,
      resolverOptions,
    ].flatMap((settings) => settings(context)),
};

function onRoutes({ plan }: CheckContext): readonly RuleFinding[] {
  return plan.sites.flatMap(({ routes }) =>
    routes.flatMap((route) => {
      const settings = route.action.kind === "forward" ? [] : backendSettings(route);
      if (settings.length === 0) return [];
      return {
        what: `${listOf(settings)} ${settings.length === 1 ? "has" : "have"} no effect on \`${route.id}\``,
        why: `HAProxy answers the requests of this route itself (${route.action.kind}), and no backend gets them.`,
        remedy: `Remove ${settings.length === 1 ? "it" : "them"}, or send the requests to a backend.`,
        at: [route.at],
      };
    }),
  );
}

function onSites({ plan, edge, at }: CheckContext): readonly RuleFinding[] {
  return (edge?.sites ?? []).flatMap(({ requestHeaders }, index) => {
    const site = plan.sites[index];
    if (
      requestHeaders === undefined ||
      site?.routes.some(({ action }) => action.kind === "forward") !== false
    )
      return [];
    return {
      what: `\`requestHeaders\` has no effect on the site \`${site.name}\``,
      why: "HAProxy answers all requests of this site itself, and no backend gets them.",
      remedy: "Remove it, or write `responseHeaders` to change the headers of responses.",
      at: [at(["sites", index, "requestHeaders"], { key: true })],
    };
  });
}

function servedOnPlainHttp({ plan, edge, at }: CheckContext): readonly RuleFinding[] {
  if (edge === undefined || plan.listeners.some(({ httpsRedirect }) => httpsRedirect !== null)) return [];
  const described = edge.sites.flatMap(({ plainHttp, routes = [] }, site) => [
    ...(plainHttp === undefined ? [] : [["sites", site, "plainHttp"]]),
    ...routes.flatMap((route, index) =>
      route.plainHttp === undefined ? [] : [["sites", site, "routes", index, "plainHttp"]],
    ),
  ]);
  if (described.length === 0) return [];
  return [
    {
      what: "`plainHttp` of sites and routes has no effect: the entrance does not redirect plain HTTP to HTTPS",
      why: "Their requests are handled as they are at the entrance.",
      remedy: "Remove it, or write `public: { plainHttp: redirect }`.",
      at: described.map((path) => at(path, { key: true })),
    },
  ];
}

function responsesOfServers({ plan, edge, at }: CheckContext): readonly RuleFinding[] {
  const answered = (described: Edge["responseHeaders"], what: string, path: DescriptionPath) => ({
    is: described?.responsesFrom === "servers",
    what,
    path: [...path, "responseHeaders", "responsesFrom"],
  });
  if (edge === undefined) return [];
  const places = [
    ...describedRoutes(edge)
      .filter(({ route }) => route.to === undefined)
      .map(({ route, path }) => answered(route.responseHeaders, "this route", path)),
    ...edge.sites
      .map((site, index) => ({ site, index }))
      .filter(({ index }) => plan.sites[index]?.routes.every(({ action }) => action.kind !== "forward"))
      .map(({ site, index }) => answered(site.responseHeaders, "this site", ["sites", index])),
  ];
  return places
    .filter(({ is }) => is)
    .map(({ what, path }) => ({
      what: `\`responseHeaders\` with \`responsesFrom: servers\` has no effect on ${what}`,
      why: `HAProxy answers all requests of ${what} itself, and no server sends a response.`,
      remedy: "Remove `responsesFrom`, or send the requests to a backend.",
      at: [at(path, { key: true })],
    }));
}

function stickyKey({ plan, edge, at }: CheckContext): RuleFindings {
  if (edge?.stickyKey === undefined || plan.backends.some(({ sticky }) => sticky !== null)) return [];
  return {
    what: "`stickyKey` has no effect: no backend has `sticky`",
    why: "It is the key of affinity cookies, and HAProxy sets none.",
    remedy: "Remove it, or write `sticky: { cookie: NAME }` in a backend.",
    at: [at(["stickyKey"], { key: true })],
  };
}

/** Hashes are `affinity-to-one-server`'s. */
function balanceOfOne({ plan, edge, at }: CheckContext): readonly RuleFinding[] {
  return plan.backends.flatMap(({ name, variantOf, servers, at: place }) => {
    const balance = edge?.backends?.[name]?.balance;
    const [server] = servers;
    if (variantOf !== null || typeof balance !== "string" || balance === "source") return [];
    if (servers.length !== 1 || server === undefined || server.slots !== null) return [];
    return {
      what: `\`balance: ${balance}\` has no effect in \`${name}\`: the backend has one server address`,
      why: server.resolved
        ? `HAProxy connects to the address of the Service, and kube-proxy chooses a random pod for each connection. ${balance === "leastconn" ? "A slow pod gets as many connections as a fast one." : "HAProxy does not balance between pods."}`
        : "With one server there is no choice.",
      remedy: server.resolved
        ? "Make the Service headless (`clusterIP: None`) and write `endpoints: headless`, so that HAProxy has one server per pod, or remove `balance`."
        : "Add the other servers, or remove `balance`.",
      at: [at(["backends", name, "balance"], { key: true }) ?? place],
    };
  });
}

function backendSettings({ rewrite, requestHeaders, timeouts }: RoutePlan): readonly string[] {
  return [
    ...(rewrite.host !== null || rewrite.path !== null ? ["rewrite"] : []),
    ...(namesIn(requestHeaders).length > 0 ? ["requestHeaders"] : []),
    ...(timeouts.serverMs !== null || timeouts.tunnelMs !== null ? ["timeouts"] : []),
  ];
}

function nodePorts({ plan, edge, at }: CheckContext): RuleFindings {
  const described = edge?.kubernetes?.nodePorts;
  if (described === undefined) return [];
  const { exposure } = plan.kubernetes;
  if (exposure.value !== "NodePort")
    return {
      what: "`nodePorts` has no effect: there is no Service with fixed node ports",
      why: `Clients reach the pods through ${REACHED_BY[exposure.value]}: ${exposure.because}.`,
      remedy: "Remove it, or describe a load balancer that forwards to the nodes.",
      at: [at(["kubernetes", "nodePorts"], { key: true })],
    };
  if (described.stats === undefined || plan.stats?.public === true) return [];
  return {
    what: "`nodePorts.stats` has no effect: the stats page is not public",
    why: "The load balancer does not forward to the stats page, and no node opens a port for it.",
    remedy: "Remove it, or write `stats: { public: true }`.",
    at: [at(["kubernetes", "nodePorts", "stats"], { key: true })],
  };
}

/** Settings that only the Service of a cloud's controller has. */
function ofServicesOnly({ plan, edge, at }: CheckContext): readonly RuleFinding[] {
  const described = edge?.public?.loadBalancer;
  if (typeof described !== "object" || plan.loadBalancer.kind === "service") return [];
  return (["provider", "internal", "annotations"] as const)
    .filter((key) => described[key] !== undefined)
    .map((key) => ({
      what: `\`${key}\` has no effect with \`kind: ${described.kind}\``,
      why: "The field configures the load balancer that a cloud's controller creates for a Service.",
      remedy: "Remove it, or write `kind: service`.",
      at: [at(["public", "loadBalancer", key], { key: true })],
    }));
}

const REACHED_BY = {
  LoadBalancer: "the cloud's load balancer",
  hostPort: "ports of the hosts",
  none: "no external entrance",
} as const;

function logDaemon({ plan, at }: CheckContext): RuleFindings {
  if (plan.logs.format !== "off" || plan.image.logs.value !== "rsyslog") return [];
  return {
    what: "`image.logs: rsyslog` has no effect: there is no log",
    why: "With `logs.format: off` HAProxy writes no lines, and the daemon receives none.",
    remedy: "Remove one of them.",
    at: [at(["image", "logs"])],
  };
}

/** Options that musl's resolver ignores (its src/network/resolvconf.c reads ndots, timeout and attempts). */
const UNKNOWN_TO_MUSL = new Set(["single-request", "single-request-reopen", "no-aaaa", "use-vc", "rotate"]);

function resolverOptions({ plan, edge, at }: CheckContext): readonly RuleFinding[] {
  if (plan.image.libc.name !== "musl") return [];
  return (edge?.dns?.options ?? []).flatMap((option, index) =>
    UNKNOWN_TO_MUSL.has(option)
      ? {
          what: `\`${option}\` has no effect in an image with musl`,
          why: "musl reads only ndots, timeout and attempts from resolv.conf.",
          remedy: "Remove it, or use a base with glibc: `base: debian`.",
          at: [at(["dns", "options", index])],
        }
      : [],
  );
}

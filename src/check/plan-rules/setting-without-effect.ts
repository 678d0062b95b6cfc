// setting-without-effect: what is described where nothing can come of it.
import type { RoutePlan } from "../../plan/site-plan.ts";
import type { CheckContext, PlanRule, PlanRuleFinding } from "../plan-rule.ts";
import { listOf } from "../wording.ts";

export const settingWithoutEffect: PlanRule = {
  code: "setting-without-effect",
  severity: "warning",
  check(context) {
    return [
      ...onRoutes(context),
      ...stickyKey(context),
      ...balanceOfOne(context),
      ...nodePorts(context),
      ...ofServicesOnly(context),
      ...logDaemon(context),
      ...resolverOptions(context),
    ];
  },
};

function onRoutes({ plan }: CheckContext): readonly PlanRuleFinding[] {
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
}

function stickyKey({ plan, edge, at }: CheckContext): readonly PlanRuleFinding[] {
  if (edge?.stickyKey === undefined || plan.backends.some(({ sticky }) => sticky !== null)) return [];
  return [
    {
      what: "`stickyKey` does nothing: no backend has `sticky`",
      why: "It is the key of the cookies by which clients stay with their server, and no cookie is set.",
      remedy: "Remove it, or write `sticky: { cookie: NAME }` in a backend.",
      at: [at(["stickyKey"], { key: true })],
    },
  ];
}

/** Hashes are `affinity-to-one-server`'s. */
function balanceOfOne({ plan, edge, at }: CheckContext): readonly PlanRuleFinding[] {
  return plan.backends.flatMap(({ name, variantOf, servers, at: place }) => {
    const balance = edge?.backends?.[name]?.balance;
    const [server] = servers;
    if (variantOf !== null || typeof balance !== "string" || balance === "source") return [];
    if (servers.length !== 1 || server === undefined || server.slots !== null) return [];
    return [
      {
        what: `\`balance: ${balance}\` does nothing in \`${name}\`: HAProxy has one address to choose from`,
        why: server.resolved
          ? `HAProxy connects to the Service's address; kube-proxy chooses the pod at random for each connection, and a connection stays with its pod. ${balance === "leastconn" ? "The slowest pod gets as many connections as the fastest." : "HAProxy balances nothing."}`
          : "With one server there is no choice.",
        remedy: server.resolved
          ? "Make the Service headless (`clusterIP: None`) and write `endpoints: headless`, so that HAProxy sees each pod; or remove `balance`."
          : "Add the other servers, or remove `balance`.",
        at: [at(["backends", name, "balance"], { key: true }) ?? place],
      },
    ];
  });
}

function backendSettings({ rewrite, requestHeaders, timeouts }: RoutePlan): readonly string[] {
  const edits = requestHeaders.set.length + requestHeaders.add.length + requestHeaders.remove.length;
  return [
    ...(rewrite.host !== null || rewrite.path !== null ? ["rewrite"] : []),
    ...(edits > 0 ? ["requestHeaders"] : []),
    ...(timeouts.serverMs !== null || timeouts.tunnelMs !== null ? ["timeouts"] : []),
  ];
}

function nodePorts({ plan, edge, at }: CheckContext): readonly PlanRuleFinding[] {
  const described = edge?.kubernetes?.nodePorts;
  if (described === undefined) return [];
  const { exposure } = plan.kubernetes;
  if (exposure.value !== "NodePort")
    return [
      {
        what: "`nodePorts` does nothing: there is no Service with fixed node ports",
        why: `The pods are reached by ${REACHED_BY[exposure.value]}: ${exposure.because}.`,
        remedy: "Remove it, or describe a load balancer that forwards to the nodes.",
        at: [at(["kubernetes", "nodePorts"], { key: true })],
      },
    ];
  if (described.stats === undefined || plan.stats?.public === true) return [];
  return [
    {
      what: "`nodePorts.stats` does nothing: the stats page is not public",
      why: "The load balancer does not lead to it, and no node opens a port for it.",
      remedy: "Remove it, or write `stats: { public: true }`.",
      at: [at(["kubernetes", "nodePorts", "stats"], { key: true })],
    },
  ];
}

/** What only the Service of a cloud's controller can say. */
function ofServicesOnly({ plan, edge, at }: CheckContext): readonly PlanRuleFinding[] {
  const described = edge?.public?.loadBalancer;
  if (typeof described !== "object" || plan.loadBalancer.kind === "service") return [];
  return (["provider", "internal", "annotations"] as const)
    .filter((key) => described[key] !== undefined)
    .map((key) => ({
      what: `\`${key}\` does nothing with \`kind: ${described.kind}\``,
      why: "It is for a Service that a cloud's controller makes a load balancer of.",
      remedy: "Remove it, or write `kind: service`.",
      at: [at(["public", "loadBalancer", key], { key: true })],
    }));
}

const REACHED_BY = {
  LoadBalancer: "the cloud's load balancer",
  hostPort: "ports of the hosts",
  none: "nobody from outside",
} as const;

function logDaemon({ plan, at }: CheckContext): readonly PlanRuleFinding[] {
  if (plan.logs.format !== "off" || plan.image.logs.value !== "rsyslog") return [];
  return [
    {
      what: "`image.logs: rsyslog` does nothing: there is no log",
      why: "With `logs.format: off` HAProxy writes no line, and the daemon waits for ever.",
      remedy: "Leave out one of them.",
      at: [at(["image", "logs"])],
    },
  ];
}

/** What musl's resolver skips in resolv.conf (its src/network/resolvconf.c knows ndots, timeout and attempts). */
const UNKNOWN_TO_MUSL = new Set(["single-request", "single-request-reopen", "no-aaaa", "use-vc", "rotate"]);

function resolverOptions({ plan, edge, at }: CheckContext): readonly PlanRuleFinding[] {
  if (plan.image.libc.name !== "musl") return [];
  return (edge?.dns?.options ?? []).flatMap((option, index) =>
    UNKNOWN_TO_MUSL.has(option)
      ? [
          {
            what: `\`${option}\` does nothing in an image with musl`,
            why: "Its resolver reads ndots, timeout and attempts from resolv.conf, and skips the rest.",
            remedy: "Remove it, or take a base with glibc: `debian`.",
            at: [at(["dns", "options", index])],
          },
        ]
      : [],
  );
}

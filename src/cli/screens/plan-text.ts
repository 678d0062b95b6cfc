// The plan for people: what was decided, and why, a line each.

import type { BackendPlan } from "../../plan/backend-plan.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";
import { type Colours, coloursOf, column, countOf, fold, type Screen } from "./layout.ts";

/** Sites with more routes than this show how many, not which. */
const MOST_ROUTES = 40;

interface Row {
  readonly name: string;
  readonly value: string;
  readonly because?: string | undefined;
}

export function planText(plan: Plan, screen: Screen): string {
  const colours = coloursOf(screen);
  const block = (title: string, rows: readonly Row[]) =>
    rows.length === 0
      ? []
      : ["", `  ${colours.bold(title)}`, ...rows.flatMap((row) => rowLines(row, screen, colours))];
  return [
    `${colours.bold(plan.edge)} in namespace ${plan.namespace}`,
    ...block("load balancer", loadBalancerRows(plan)),
    ...block("listeners", plan.listeners.flatMap(listenerRows)),
    ...block("limits of one HAProxy", limitRows(plan)),
    ...block("timeouts", timeoutRows(plan)),
    ...block(
      "sites",
      plan.sites.flatMap((site) => [
        {
          name: site.name,
          value: [
            site.hosts.length > 1
              ? site.hosts.map(({ kind, name }) => (kind === "wildcard" ? `*.${name}` : name)).join(", ")
              : "",
            site.hsts === null ? "" : `HSTS ${site.hsts}`,
          ]
            .filter((part) => part !== "")
            .join("; "),
        },
        ...routeRows(site.routes),
      ]),
    ),
    ...block("backends", plan.backends.flatMap(backendRows)),
    ...block("pods", [
      { name: "replicas", value: String(plan.replicas.value), because: plan.replicas.because },
    ]),
  ].join("\n");
}

function rowLines({ name, value, because }: Row, { width }: Screen, colours: Colours): readonly string[] {
  const left = `    ${column(name, 18)}${column(value, 16)}`;
  if (because === undefined || because === "described")
    return [`${left.trimEnd()}${because === undefined ? "" : colours.dim("  described")}`];
  const room = width - left.length;
  if (room >= 40) {
    const [first = "", ...rest] = fold(because, room);
    return [
      `${left}${colours.dim(first)}`,
      ...rest.map((line) => `${" ".repeat(left.length)}${colours.dim(line)}`),
    ];
  }
  return [left.trimEnd(), ...fold(because, width - 6).map((line) => `      ${colours.dim(line)}`)];
}

function loadBalancerRows({ loadBalancer }: Plan): readonly Row[] {
  const ports = loadBalancer.ports.map(
    ({ listener, port, nodePort, protocol, proxyProtocol, certificate }) => ({
      name: `${port.value} ${protocol}`,
      value: `→ node port ${nodePort.value} → ${listener}${proxyProtocol === "none" ? "" : `, PROXY ${proxyProtocol}`}${certificate === null ? "" : `, ${certificate}`}`,
      because: nodePort.because,
    }),
  );
  return [
    { name: "kind", value: loadBalancer.kind },
    ...ports,
    {
      name: "idle timeout",
      value: formatDurationMs(loadBalancer.idleTimeoutMs.value),
      because: loadBalancer.idleTimeoutMs.because,
    },
    {
      name: "connects from",
      value: loadBalancer.sources.value.join(" "),
      because: loadBalancer.sources.because,
    },
  ];
}

function listenerRows({ name, port, scheme, proxyProtocol, does, tls }: ListenerPlan): readonly Row[] {
  return [
    {
      name,
      value: `:${port.value} ${tls === null ? scheme : "TLS"}${does === "redirect" ? ", redirects to https" : ""}`,
      because: port.because,
    },
    ...(proxyProtocol.value === "none"
      ? []
      : [{ name: "", value: `PROXY ${proxyProtocol.value}`, because: proxyProtocol.because }]),
    ...(tls === null
      ? []
      : [{ name: "", value: `TLS ≥ ${tls.minVersion.value}`, because: tls.minVersion.because }]),
  ];
}

function limitRows({ limits, threads }: Plan): readonly Row[] {
  return [
    {
      name: "connections",
      value: String(limits.maxConnections.value),
      because: limits.maxConnections.because,
    },
    {
      name: "descriptors",
      value: String(limits.fileDescriptors.value),
      because: limits.fileDescriptors.because,
    },
    {
      name: "memory",
      value: `${Math.round(limits.memoryBytes.value / 1024 ** 2)} MiB`,
      because: limits.memoryBytes.because,
    },
    ...(threads === null
      ? []
      : [{ name: "threads", value: String(threads.value), because: threads.because }]),
  ];
}

function timeoutRows({ timeouts }: Plan): readonly Row[] {
  return Object.entries(timeouts).map(([name, { value, because }]) => ({
    name: name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    value: formatDurationMs(value),
    because,
  }));
}

function routeRows(routes: readonly RoutePlan[]): readonly Row[] {
  if (routes.length > MOST_ROUTES) return [{ name: "", value: countOf(routes.length, "route") }];
  return routes.map((route) => ({ name: "", value: `${matchText(route)} → ${actionText(route)}` }));
}

/** `/api with x-beta = 1`, as people say it. */
export function matchText({ match }: RoutePlan): string {
  const { path, methods, headers, query } = match;
  const shown =
    path.kind === "prefix"
      ? path.value
      : path.kind === "exact"
        ? `${path.value} exactly`
        : `path ~ ${path.value}`;
  const conditions = [
    ...(methods.length === 0 ? [] : [methods.join("|")]),
    ...headers.map(({ name, kind, value }) =>
      kind === "present" ? `${name} there` : `${name} ${kind === "regex" ? "~" : "="} ${value}`,
    ),
    ...query.map(({ name, kind, value }) =>
      kind === "present" ? `?${name} there` : `?${name} ${kind === "regex" ? "~" : "="} ${value}`,
    ),
  ];
  return conditions.length === 0 ? shown : `${shown} with ${conditions.join(", ")}`;
}

export function actionText({ action }: RoutePlan): string {
  if (action.kind === "respond") return `${action.status}`;
  if (action.kind === "forward")
    return action.to
      .map(({ backend, weight }) => (action.to.length === 1 ? backend : `${backend} (${weight})`))
      .join(", ");
  const { location, scheme, host, port, path, status } = action.redirect;
  if (location !== null) return `${status} to ${location}`;
  return `${status} to ${[scheme === null ? "" : `${scheme}:`, host ?? "", port === null ? "" : `:${port}`, path === null ? "" : path.value].filter((part) => part !== "").join(" ")}`;
}

function backendRows({ name, servers, balance, health, retries, keepAlive }: BackendPlan): readonly Row[] {
  return [
    { name, value: servers.map(({ host, port }) => `${host}:${port}`).join(", ") },
    ...(balance === null ? [] : [{ name: "  balance", value: balance.value, because: balance.because }]),
    {
      name: "  health",
      value:
        health.kind === "http"
          ? `${health.method} ${health.path} at ${health.host}`
          : health.kind === "tcp"
            ? "a connection that opens"
            : "not checked",
    },
    { name: "  retries", value: String(retries.value), because: retries.because },
    { name: "  keep-alive", value: keepAlive.value ? "yes" : "no", because: keepAlive.because },
  ];
}

// The plan for people: what was decided, and why, a line each.

import { maskedHeader } from "../../findings/credentials.ts";
import { reasonOf } from "../../plan/described.ts";
import type { Plan } from "../../plan/plan.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";
import { backendRows } from "./backend-rows.ts";
import { cloudRows } from "./cloud-rows.ts";
import { type Colours, coloursOf, column, countOf, fold, type Screen } from "./layout.ts";
import { leafRows } from "./leaf-rows.ts";
import {
  limitRows,
  listenerRows,
  loadBalancerRows,
  logRows,
  rawRows,
  resolverRows,
  sizeText,
  statsRows,
  timeoutRows,
} from "./plan-rows.ts";
import { dnsRows, drainRows, imageRows, podRows } from "./pod-rows.ts";
import type { Row } from "./rows.ts";

/** Sites with more routes than this show how many, not which. */
const MOST_ROUTES = 40;

export function planText(plan: Plan, screen: Screen): string {
  const colours = coloursOf(screen);
  const block = (title: string, rows: readonly Row[]) =>
    rows.length === 0
      ? []
      : ["", `  ${colours.bold(title)}`, ...rows.flatMap((row) => rowLines(row, screen, colours))];
  return [
    `${colours.bold(plan.edge)} in namespace ${plan.namespace}`,
    ...block("load balancer", loadBalancerRows(plan)),
    ...block("in the cloud", cloudRows(plan)),
    ...block("listeners", plan.listeners.flatMap(listenerRows)),
    ...block("stats and logs", [...statsRows(plan), ...logRows(plan)]),
    ...block("limits of one HAProxy", limitRows(plan)),
    ...block("timeouts", timeoutRows(plan)),
    ...block("names of servers", resolverRows(plan)),
    ...block(
      "compression",
      plan.compression.length === 0 ? [] : [{ name: "types", value: plan.compression.join(" ") }],
    ),
    ...block("paths and error pages", [
      ...leafRows("", { paths: plan.paths }),
      ...plan.errorPages.map(({ status, html }) => ({
        name: `page of ${status}`,
        value: `${html.length} characters`,
      })),
    ]),
    ...block("raw lines of the global section", rawRows("", plan.rawGlobal)),
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
        ...leafRows("  ", { ambiguousPaths: site.ambiguousPaths }),
        ...routeRows(site.routes),
      ]),
    ),
    ...block("backends", plan.backends.flatMap(backendRows)),
    ...block("pods", podRows(plan)),
    ...block("a pod that goes", drainRows(plan)),
    ...block("image", imageRows(plan)),
    ...block("look-ups of the pod's C library", dnsRows(plan)),
  ].join("\n");
}

function rowLines({ name, value, because }: Row, { width }: Screen, colours: Colours): readonly string[] {
  const left = `    ${column(name, 18)}${column(value, 16)}`;
  if (because === undefined) return [left.trimEnd()];
  if (reasonOf(because) === undefined) return [`${left.trimEnd()}  ${colours.dim(because)}`];
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

function routeRows(routes: readonly RoutePlan[]): readonly Row[] {
  if (routes.length > MOST_ROUTES) return [{ name: "", value: countOf(routes.length, "route") }];
  return routes.flatMap((route) => [
    {
      name: "",
      value: `${matchText(route)} → ${actionText(route)}${bodyText(route)}`,
    },
    ...leafRows("  ", settingsOf(route)),
  ]);
}

function bodyText({ maxBody }: RoutePlan): string {
  if (maxBody === null) return "";
  const uncounted = maxBody.unknownLength === "allow" ? ", or of unknown length and any size" : "";
  return `, body ≤ ${sizeText(maxBody.bytes)}${uncounted}`;
}

/** What a route does beside its match and its target, which have a row. */
function settingsOf({ id: _, match: __, maxBody: ___, at: ____, action, ...others }: RoutePlan) {
  if (action.kind !== "respond") return others;
  const { kind: _____, status: ______, ...response } = action;
  return { ...response, ...others };
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
      kind === "present"
        ? `${name} there`
        : `${name} ${kind === "regex" ? "~" : "="} ${maskedHeader(name, value)}`,
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

// A route in one line: what it matches and what it does.
import { maskedHeader } from "../../findings/credentials.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";

/** `/api with x-beta = 1`. */
export function matchText({ match }: Pick<RoutePlan, "match">): string {
  const { path, methods, headers, query } = match;
  const shown = pathText(path);
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

function pathText({ kind, value }: RoutePlan["match"]["path"]): string {
  if (kind === "prefix") return value;
  return kind === "exact" ? `${value} exactly` : `path ~ ${value}`;
}

export function actionText({ action }: Pick<RoutePlan, "action">): string {
  if (action.kind === "respond") return `${action.status}`;
  if (action.kind === "forward")
    return action.to
      .map(({ backend, weight }) => (action.to.length === 1 ? backend : `${backend} (${weight})`))
      .join(", ");
  const { location, scheme, host, port, path, status } = action.redirect;
  if (location !== null) return `${status} to ${location}`;
  return `${status} to ${[scheme === null ? "" : `${scheme}:`, host ?? "", port === null ? "" : `:${port}`, path === null ? "" : path.value].filter((part) => part !== "").join(" ")}`;
}

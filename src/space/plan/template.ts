// Texts that depend on the request: the location of a redirect, and the path that a backend gets.
import { replacePrefix } from "../../model/request-target.ts";
import type { PathRewrite, RedirectPlan, RoutePlan } from "../../plan/site-plan.ts";

export type TemplatePart =
  | string
  | { readonly part: "host" | "path" | "query" | "query-unless-empty" }
  /** The path with its beginning replaced. */
  | { readonly part: "replaced"; readonly prefix: string; readonly by: string };

export type Template = readonly TemplatePart[];

/** `https://{host}{path}{query}`; equal texts are filled alike. */
export function templateText(template: Template): string {
  return template.map((part) => (typeof part === "string" ? part : partText(part))).join("");
}

function partText(part: Exclude<TemplatePart, string>): string {
  if (part.part === "replaced") return `{path, ${part.prefix} → ${part.by}}`;
  return part.part === "query-unless-empty" ? "{query}" : `{${part.part}}`;
}

/** The path after a rewrite. `pathless`: of `OPTIONS *` and CONNECT. */
export function pathTemplate(rewrite: PathRewrite | null, { match }: RoutePlan, pathless: boolean): Template {
  if (rewrite === null) return [{ part: "path" }];
  if (rewrite.kind === "whole") return [rewrite.value];
  const { kind, value } = match.path;
  // An exact path is known whole.
  if (kind === "exact") return [replacePrefix(value, value, rewrite.value)];
  return [pathless ? replacePrefix("", value, rewrite.value) : replacement(value, rewrite.value)];
}

/** `/api/x` by `/v1/x` is `/api` by `/v1`, and the same prefix changes nothing. */
function replacement(prefix: string, by: string): TemplatePart {
  if (by.endsWith("//")) return { part: "replaced", prefix, by };
  const from = prefix === "/" ? [] : prefix.slice(1).split("/");
  const to = by.replace(/\/$/, "").split("/").slice(1);
  while (from.length > 0 && to.length > 0 && from.at(-1) === to.at(-1)) {
    from.pop();
    to.pop();
  }
  if (from.length === 0 && to.length === 0) return { part: "path" };
  return { part: "replaced", prefix: `/${from.join("/")}`, by: `/${to.join("/")}` };
}

/** `origin`: empty where the location has none. */
export function locationTemplate(
  redirect: RedirectPlan,
  route: RoutePlan,
  origin: Template,
  pathless: boolean,
): Template {
  if (redirect.location !== null) return [redirect.location];
  const query = redirect.path?.kind === "whole" ? "query-unless-empty" : "query";
  return [...origin, ...pathTemplate(redirect.path, route, pathless), { part: query }];
}

// literal-pattern: wildcard or variable in a path that is compared literally.
import type { DescriptionPath, Edge } from "../../plan/lowering.ts";
import { describedRoutes } from "../described-routes.ts";
import type { CheckContext, PlanRule, RuleFindings } from "../rule.ts";

type DescribedRoute = ReturnType<typeof describedRoutes>[number]["route"];

/** A text that Portico uses literally, and its place. */
interface Literal {
  readonly text: string;
  readonly path: DescriptionPath;
}

export const literalPattern: PlanRule = {
  code: "literal-pattern",
  severity: "note",
  check({ edge, at }) {
    const routes = describedRoutes(edge);
    return [
      ...routes.flatMap(({ route, path }) => matched(route, path)).flatMap((one) => inMatch(one, at)),
      ...[...routes.flatMap(({ route, path }) => sent(route, path)), ...siteRedirects(edge)].flatMap((one) =>
        inTarget(one, at),
      ),
    ];
  },
};

function matched({ path }: DescribedRoute, at: DescriptionPath): readonly Literal[] {
  if (typeof path === "string") return [{ text: path, path: [...at, "path"] }];
  return written(path, ["prefix", "exact"], [...at, "path"]);
}

function sent({ redirect, rewrite }: DescribedRoute, at: DescriptionPath): readonly Literal[] {
  return [
    ...written(redirect, ["to", "path", "prefix"], [...at, "redirect"]),
    ...written(rewrite, ["path", "prefix"], [...at, "rewrite"]),
  ];
}

function siteRedirects(edge: Edge | undefined): readonly Literal[] {
  return (edge?.sites ?? []).flatMap(({ redirect }, index) =>
    written(redirect, ["to", "path", "prefix"], ["sites", index, "redirect"]),
  );
}

function written(
  object: object | undefined,
  keys: readonly string[],
  at: DescriptionPath,
): readonly Literal[] {
  return Object.entries(object ?? {}).flatMap(([key, text]) =>
    keys.includes(key) && typeof text === "string" ? [{ text, path: [...at, key] }] : [],
  );
}

/** What globs (`*`), routers (`{id}`, `:id`, `<id>`) and regular expressions (`(a|b)`, `$` at the end) mean. */
const MATCH_PATTERN = /\*|\{[^/]*\}|(?<=\/):[A-Za-z_]\w*|<[^/]*>|\([^/]*[|\\][^/]*\)|\$$/;

function inMatch({ text, path }: Literal, at: CheckContext["at"]): RuleFindings {
  const [found] = MATCH_PATTERN.exec(text) ?? [];
  if (found === undefined) return [];
  return {
    what: `\`${found}\` in the path ${JSON.stringify(text)} is compared literally`,
    why: `A prefix or an exact path has no wildcards: the route matches only requests whose path contains the characters \`${found}\` at this place.`,
    remedy: remedyFor(text, found),
    at: [at(path)],
  };
}

function remedyFor(text: string, found: string): string {
  const [, prefix] = /^([^*]*)\/\*+$/.exec(text) ?? [];
  if (prefix !== undefined)
    return `Write \`path: ${prefix === "" ? "/" : prefix}\`: a prefix matches by whole segments, with everything under it.`;
  const regex = `^${escaped(text.slice(0, text.indexOf(found)))}${found === "$" ? "$" : "[^/]+"}`;
  return `Write \`path: { regex: ${JSON.stringify(regex)} }\` with a pattern for this place.`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Variables of other proxies: `$1`, `\1`, nginx' `$request_uri` (ngx_http_core_module), `${uri}`, Caddy's `{uri}`, HAProxy's `%[path]`; and `*`. */
const TARGET_PATTERN =
  /\$\{[^}]*\}|\$(?:\d|(?:request_)?uri|host|scheme|(?:is_)?args|query_string|server_name|(?:http|arg)_\w+)|\\\d|%\[[^\]]*\]|\{[^}]*\}|\*/;

function inTarget({ text, path }: Literal, at: CheckContext["at"]): RuleFindings {
  const [found] = TARGET_PATTERN.exec(text) ?? [];
  if (found === undefined) return [];
  return {
    what: `\`${found}\` in ${JSON.stringify(text)} is sent literally`,
    why: "Redirects and rewrites have no variables: clients and backends receive these characters unchanged.",
    remedy:
      "To keep parts of the request, write `scheme`, `host` or `prefix` instead: each changes only the named part, and keeps the rest of the path and the query.",
    at: [at(path)],
  };
}

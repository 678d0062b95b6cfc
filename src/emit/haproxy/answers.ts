// Responses of HAProxy itself: redirects and fixed responses.
import type { Plan } from "../../plan/plan.ts";
import { frontendName } from "../../plan/proxy-names.ts";
import type { RedirectPlan } from "../../plan/site-plan.ts";
import { type HaproxyContext, onlyIf, withoutHost } from "./context.ts";
import { replacedPrefix } from "./route-settings.ts";
import type { Section } from "./routing/sections.ts";
import { type Group, type Line, line, literal, word } from "./writing.ts";

export function answerGroup(context: HaproxyContext, section: Section): Group {
  const { answer, routes } = section;
  if (answer === undefined) return [];
  if (answer.kind === "redirect")
    return [
      ...(madeOfHost(context.plan, section) ? [withoutHost()] : []),
      ...redirectLines(context.plan, answer.redirect, routes[0]?.match.path.value ?? "/"),
    ];
  const { status, contentType, body } = answer;
  if (body === "") return [line(`http-request return status ${status}`)];
  const file = context.file(`body-${status}`, "txt", body, routes[0]?.at);
  return [line(`http-request return status ${status} content-type ${word(contentType)} file ${file}`)];
}

/** Whether a location has the host that a client wrote, which may be none. */
function madeOfHost({ sites }: Plan, { answer, routes }: Section): boolean {
  if (answer?.kind !== "redirect") return false;
  const { location, scheme, host } = answer.redirect;
  if (location !== null || scheme === null || host !== null) return false;
  return sites.some(
    (site) =>
      site.hosts.some(({ kind }) => kind === "any") && routes.some((route) => site.routes.includes(route)),
  );
}

function redirectLines(plan: Plan, redirect: RedirectPlan, matched: string): readonly Line[] {
  const to = (location: string, ...when: readonly string[]) =>
    line(`http-request redirect location ${word(location)} code ${redirect.status}${onlyIf(...when)}`);
  if (redirect.location !== null) return [to(literal(redirect.location))];
  const { path } = redirect;
  return originsOf(plan, redirect).flatMap(({ origin, here }) => {
    if (path === null) return [to(`${origin}%[pathq]`, here)];
    if (path.kind === "prefix") return prefixLines(path.value, matched, { origin, here, to });
    const whole = `${origin}${literal(path.value)}`;
    return [to(`${whole}?%[query]`, "{ query -m len gt 0 }", here), to(whole, here)];
  });
}

interface Origin {
  /** Empty when scheme and host stay: a location may be relative (RFC 9110 section 10.2.2), and is then correct on every port. */
  readonly origin: string;
  /** The condition under which it is this one; empty: in all other cases. */
  readonly here: string;
}

function prefixLines(
  value: string,
  matched: string,
  { origin, here, to }: Origin & { readonly to: (location: string, ...when: readonly string[]) => Line },
): readonly Line[] {
  const { front, rest } = replacedPrefix(value, matched, "pathq");
  if (front !== "") return [to(`${origin}${front}${rest}`, here)];
  const left = matched === "/" ? "path" : `path,bytes(${Buffer.byteLength(matched)})`;
  // To a client, //host and /\host are another host (URL standard, "relative slash state").
  const elsewhere = line(
    `http-request deny deny_status 400 if { ${left} -m beg // '/\\' }`,
    "would redirect to another host",
  );
  const safe = origin === "" ? [elsewhere] : [];
  // OPTIONS * has no path, and an empty location would be invalid.
  if (matched === "/")
    return [...safe, to(`${origin}/`, "!{ path -m beg / }", here), to(`${origin}${rest}`, here)];
  return [
    ...safe,
    to(`${origin}/${rest}`, `{ path -m str ${word(matched)} }`, here),
    to(`${origin}${rest}`, here),
  ];
}

/** Scheme, host and port of a location. One per frontend if their ports differ; the last one applies to the rest. */
function originsOf(plan: Plan, redirect: RedirectPlan): readonly Origin[] {
  const { scheme, host } = redirect;
  if (scheme === null && host === null) return [{ origin: "", here: "" }];
  const name = host === null ? "%[var(txn.host)]" : host;
  const frontends = new Map<string, string[]>();
  for (const listener of plan.listeners) {
    const own = scheme ?? listener.scheme;
    const port = portText(own, redirect.port ?? listener.redirectPorts[own]);
    frontends.set(port, [...(frontends.get(port) ?? []), frontendName(plan, listener)]);
  }
  const origins = [...frontends].map(([port, names]) => ({
    origin: `${scheme === null ? "%[var(txn.scheme)]" : scheme}://${name}${port}`,
    here: `{ fe_name ${names.join(" ")} }`,
  }));
  return origins.map((one, index) => (index === origins.length - 1 ? { ...one, here: "" } : one));
}

/** `:8080`; nothing for the default port of the scheme. */
export function portText(scheme: "http" | "https", port: number): string {
  return port === (scheme === "http" ? 80 : 443) ? "" : `:${port}`;
}

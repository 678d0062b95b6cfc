// What HAProxy answers by itself: redirects and fixed responses.
import type { Section } from "../../plan/routing/sections.ts";
import type { RedirectPlan } from "../../plan/site-plan.ts";
import { type HaproxyContext, onlyIf } from "./context.ts";
import { replacedPrefix } from "./route-settings.ts";
import { type Group, group, type Line, line, literal, word } from "./writing.ts";

export function answerGroup(context: HaproxyContext, section: Section): Group {
  const { answer, routes } = section;
  if (answer === null) return group(undefined, []);
  if (answer.kind === "redirect")
    return group(undefined, redirectLines(answer.redirect, routes[0]?.match.path.value ?? "/"));
  const { status, contentType, body } = answer;
  if (body === "") return group(undefined, [line(`http-request return status ${status}`)]);
  const file = context.file(`body-${status}`, "txt", body);
  return group(undefined, [
    line(`http-request return status ${status} content-type ${word(contentType)} file ${file}`),
  ]);
}

function redirectLines(redirect: RedirectPlan, matched: string): readonly Line[] {
  const to = (location: string, when: readonly string[] = []) =>
    line(`http-request redirect location ${word(location)} code ${redirect.status}${onlyIf(...when)}`);
  if (redirect.location !== null) return [to(literal(redirect.location))];
  const origin = originOf(redirect);
  if (redirect.path === null) return [to(`${origin}%[pathq]`)];
  if (redirect.path.kind === "whole") {
    const path = `${origin}${literal(redirect.path.value)}`;
    return [to(`${path}?%[query]`, ["{ query -m len gt 0 }"]), to(path)];
  }
  const { front, rest } = replacedPrefix(redirect.path.value, matched, "pathq");
  if (front !== "") return [to(`${origin}${front}${rest}`)];
  const left = matched === "/" ? "path" : `path,bytes(${Buffer.byteLength(matched)})`;
  // To a client, //host and /\host are another host (URL standard, "relative slash state").
  const elsewhere = line(
    `http-request deny deny_status 400 if { ${left} -m beg // '/\\' }`,
    "it would lead to another host",
  );
  const safe = origin === "" ? [elsewhere] : [];
  if (matched === "/") return [...safe, to(`${origin}${rest}`)];
  return [...safe, to(`${origin}/${rest}`, [`{ path -m str ${word(matched)} }`]), to(`${origin}${rest}`)];
}

/** Nothing when scheme and host stay: a location may be relative (RFC 9110 section 10.2.2), and is then right behind every port. */
function originOf({ scheme, host, port }: RedirectPlan): string {
  if (scheme === null && host === null) return "";
  const name = host === null ? "%[var(txn.host)]" : host;
  return `${scheme === null ? "%[var(txn.scheme)]" : scheme}://${name}${port === null ? "" : `:${port}`}`;
}

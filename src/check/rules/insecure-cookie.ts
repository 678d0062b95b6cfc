// insecure-cookie: persistence cookie without `secure` or `httponly` behind TLS.

import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { groupsOf, keyOf, onceEach } from "../groups.ts";
import {
  leadersOf,
  linesFor,
  type PlacedProxy,
  placeOf,
  serverSides,
  settingLine,
} from "../layers/haproxy-view.ts";
import { memoized } from "../layers/memoized.ts";
import { rejectsPlainHttp, schemeOf } from "../layers/schemes.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf } from "../wording.ts";

const EFFECTS: Readonly<Record<string, string>> = {
  secure:
    "Without `secure`, a browser also sends it with `http://` requests: anyone on the network path can read which server a client uses, and can set another one.",
  httponly: "Without `httponly`, a script in the page can read and change it.",
};

export const insecureCookie: Rule = {
  code: "insecure-cookie",
  severity: "note",
  check(wiring) {
    const found = serverSides(wiring).flatMap((placed) => insecureIn(wiring, placed));
    const groups = groupsOf(found, ({ layer, missing }) => `${layer.config.file} ${missing.join(" ")}`);
    return groups.map((group) => findingOf(group[0].missing, group));
  },
};

/** A backend whose cookie lacks flags, and where TLS is terminated for it. */
interface Insecure extends PlacedProxy {
  readonly line: HaproxyLine;
  readonly missing: readonly string[];
  readonly secure: HaproxyBind;
}

function findingOf(missing: readonly string[], group: readonly Insecure[]): RuleFinding {
  const flags = missing.map((flag) => `\`${flag}\``).join(" and ");
  const names = listOf([...new Set(group.map(({ line }) => line.tokens[1]?.value ?? ""))]);
  return {
    what: `the cookie ${names} of ${listOf(group.map(({ proxy }) => proxy.name))} is set without ${flags}`,
    why: missing.map((flag) => EFFECTS[flag]).join(" "),
    remedy: `Write ${flags} at the end of the \`cookie\` line.`,
    // A line of `defaults` serves several backends.
    at: onceEach(
      [
        ...group.slice(0, 5).map(({ layer, line }) => placeOf(layer.config, line)),
        ...group.slice(0, 1).map(({ secure }) => secure.address.at),
      ],
      keyOf,
    ),
  };
}

function insecureIn(wiring: Wiring, placed: PlacedProxy): readonly Insecure[] {
  const { proxy } = placed;
  const line = settingLine(proxy, "cookie");
  if (line === undefined || proxy.mode.value !== "http" || !setsCookie(proxy, line)) return [];
  const leaders = leadersOf(wiring, placed);
  const served = leaders.flatMap((leader) =>
    leader.proxy.binds.map((bind) => ({ leader, bind, scheme: schemeOf(wiring, leader, bind) })),
  );
  const secure = served.find(({ scheme }) => scheme === "https")?.bind;
  if (secure === undefined || [proxy, ...leaders.map((one) => one.proxy)].some(rewritesCookies)) return [];
  // Browsers do not send a Secure cookie over plain HTTP, which is served too.
  const servesPlain = served.some(
    ({ leader, scheme }) => scheme !== "https" && !rejectsPlainHttp(leader.proxy),
  );
  const wanted = servesPlain ? ["httponly"] : ["secure", "httponly"];
  const missing = wanted.filter((flag) => !hasFlag(line, flag));
  return missing.length === 0 ? [] : [{ ...placed, line, missing, secure }];
}

/** HAProxy sets the cookie itself: with `rewrite` and `prefix` the server sets it, flags included. */
function setsCookie(proxy: HaproxyProxy, line: HaproxyLine): boolean {
  const words = line.tokens.map(({ value }) => value);
  return (
    words.includes("insert") &&
    (words.includes("dynamic") || proxy.servers.some(({ cookie }) => cookie !== undefined))
  );
}

/** `http-response` rules run before HAProxy inserts its cookie, `http-after-response` rules after it (2.6 to 3.4). */
const rewritesCookies = memoized((proxy: HaproxyProxy): boolean =>
  linesFor(proxy, "http-after-response").some(({ text }) => /set-cookie/i.test(text)),
);

function hasFlag({ tokens }: HaproxyLine, flag: string): boolean {
  return tokens.some(
    ({ value }, index) =>
      value === flag || (tokens[index - 1]?.value === "attr" && value.toLowerCase() === flag),
  );
}

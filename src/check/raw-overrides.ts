// raw-line-overrides: raw lines of a description that set what a decision of the plan sets too, in the same section or in its defaults.
import type { Plan } from "../plan/plan.ts";
import { directiveOf, type HaproxyLine, type HaproxySection } from "../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import { lineageOf, placeOf } from "./layers/haproxy-view.ts";
import { applyRule, type JudgedFinding, type RuleFinding } from "./rule.ts";

/** Of the layers that were rendered from the plan. */
export function rawOverrides(wiring: Wiring, plan: Plan): readonly JudgedFinding[] {
  const raw = rawTexts(plan);
  if (raw.size === 0) return [];
  const check = () => wiring.haproxies.flatMap((layer) => overridesIn(layer, raw));
  return applyRule({ code: "raw-line-overrides", severity: "warning", check }, wiring);
}

function rawTexts({ rawGlobal, listeners, backends }: Plan): ReadonlySet<string> {
  const blocks = [rawGlobal, ...listeners.map(({ raw }) => raw), ...backends.map(({ raw }) => raw)];
  return new Set(blocks.flat().map(({ text }) => text.trim()));
}

function overridesIn(layer: HaproxyLayer, raw: ReadonlySet<string>): readonly RuleFinding[] {
  const proxies: readonly HaproxyProxy[] = layer.wiring.proxies;
  const chains: readonly (readonly HaproxySection[])[] = [
    ...layer.config.sections.filter(({ kind }) => kind === "global").map((section) => [section]),
    ...proxies.map((proxy) => lineageOf(proxy).map(({ section }) => section)),
  ];
  return chains.flatMap(([own, ...above]) =>
    (own?.lines ?? [])
      .filter((line) => raw.has(line.text.trim()))
      .flatMap((line) => {
        const key = keyOf(line);
        const decided = [own, ...above]
          .map((section) => section?.lines.findLast((one) => keyOf(one) === key && !raw.has(one.text.trim())))
          .find((one) => one !== undefined);
        if (own === undefined || key === undefined || decided === undefined) return [];
        return wordsOf(line) === wordsOf(decided) ? [] : [overrideOf(layer, own, line, decided)];
      }),
  );
}

function overrideOf(
  { config }: HaproxyLayer,
  section: HaproxySection,
  line: HaproxyLine,
  decided: HaproxyLine,
): RuleFinding {
  const name = section.name === undefined ? "the global section" : `\`${section.name.value}\``;
  const isLast = line.number > decided.number;
  const [used, other] = isLast ? [line, decided] : [decided, line];
  return {
    what: isLast
      ? `the raw line \`${wordsOf(line)}\` in ${name} replaces \`${wordsOf(decided)}\``
      : `the raw line \`${wordsOf(line)}\` in ${name} has no effect`,
    why: isLast
      ? `HAProxy uses \`${wordsOf(used)}\`. \`plan\`, \`explain\` and what was computed from the replaced value, such as times to drain, do not.`
      : `HAProxy uses the later line, \`${wordsOf(used)}\`, and not \`${wordsOf(other)}\`.`,
    remedy: "Remove the raw line, and write its value in the field of the description.",
    at: [placeOf(config, line), placeOf(config, decided)],
  };
}

function wordsOf({ tokens }: HaproxyLine): string {
  return tokens.map(({ text }) => text).join(" ");
}

/** Keywords of which the last one of a section counts, in the global section or in proxies (manual sections 3 and 4). */
const LAST_COUNTS = new Set(
  (
    "backlog balance chroot clitcpka-cnt clitcpka-idle clitcpka-intvl cookie default_backend dynamic-cookie-key " +
    "error-log-format fullconn gid grace group hard-stop-after hash-type http-reuse log-format log-format-sd log-tag " +
    "maxconn mode monitor-uri nbthread retries retry-on srvtcpka-cnt srvtcpka-idle srvtcpka-intvl uid ulimit-n " +
    "unique-id-format unique-id-header user"
  ).split(" "),
);

/** Options of which HAProxy has one at a time. */
const ONE_OF: Readonly<Record<string, string>> = {
  httpclose: "connection mode",
  "http-keep-alive": "connection mode",
  "http-server-close": "connection mode",
  httpchk: "check",
  "tcp-check": "check",
  "ldap-check": "check",
  "mysql-check": "check",
  "pgsql-check": "check",
  "redis-check": "check",
  smtpchk: "check",
  "ssl-hello-chk": "check",
};

/** The setting of a line; undefined: lines of its keyword are cumulative, or it is not a setting. */
function keyOf(line: HaproxyLine): string | undefined {
  const [keyword, name = ""] = directiveOf(line).words.map(({ value }) => value);
  if (keyword === "timeout") return `timeout ${name}`;
  if (keyword === "option") return `option ${ONE_OF[name] ?? name}`;
  if (keyword === undefined) return undefined;
  return LAST_COUNTS.has(keyword) || /^(?:tune\.|ssl-default-)/.test(keyword) ? keyword : undefined;
}

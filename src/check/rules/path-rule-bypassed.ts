// path-rule-bypassed: rule about a path that other spellings bypass.
import { countOf } from "../../findings/count.ts";
import { readCondition } from "../../wiring/haproxy/condition.ts";
import { directiveOf, type HaproxyLine, wordsText } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { actionOf, ENDINGS, PATH_REWRITES, REFUSALS } from "../layers/actions.ts";
import { testsOf } from "../layers/conditions.ts";
import {
  backendsOf,
  leadersOf,
  lineageOf,
  linesFor,
  linesOf,
  namesFromRequest,
  type PlacedProxy,
  placeOf,
  proxiesOf,
} from "../layers/haproxy-view.ts";
import { memoized } from "../layers/memoized.ts";
import { indexPaths } from "../layers/path-index.ts";
import {
  looksAtPath,
  matchesPath,
  type PathTest,
  pathTestOf,
  type Spelling,
  sampleOf,
  spellingsOf,
} from "../layers/path-tests.ts";
import type { Rule, RuleFindings } from "../rule.ts";

export const pathRuleBypassed: Rule = {
  code: "path-rule-bypassed",
  severity: "warning",
  check: (wiring) => proxiesOf(wiring).flatMap((placed) => findingsOf(wiring, placed)),
};

/** A line that denies requests, and the spellings that bypass it. */
interface Slipping {
  readonly line: HaproxyLine;
  readonly spellings: readonly Spelling[];
}

function findingsOf(wiring: Wiring, placed: PlacedProxy): RuleFindings {
  const { layer, proxy } = placed;
  const own = new Set(proxy.section.lines);
  const refusals = rulesOf(proxy).filter(({ line, refuses }) => refuses && own.has(line));
  if (proxy.mode.value !== "http" || refusals.length === 0 || !reachesServers(placed)) return [];
  const proxies = [...new Set([proxy, ...leadersOf(wiring, placed).map((leader) => leader.proxy)])];
  const changes = [...new Set(proxies.flatMap(lineageOf))].flatMap(pathChangesOf);
  if (changes.some(({ normalizer }) => normalizer === undefined)) return [];
  const slipping = refusals.flatMap((rule): Slipping[] => {
    const { line } = rule;
    const undone = new Set<string | undefined>(
      changes
        .filter((one) => one.owner !== proxy || one.line.number < line.number)
        .map(({ normalizer }) => normalizer),
    );
    const spellings = candidates(rule)
      .filter(({ spelling }) => !undone.has(spelling.undoneBy))
      .filter(
        ({ spelling, normal }) => !proxies.some((one) => treatsDifferently(one, spelling.path, normal)),
      );
    return spellings.length === 0 ? [] : [{ line, spellings: spellings.map(({ spelling }) => spelling) }];
  });
  const [first] = slipping;
  if (first === undefined) return [];
  const shown = shownOf(first.spellings);
  return {
    what: `${shown.map(({ path }) => `\`${path}\``).join(" and ")} ${shown.length === 1 ? "bypasses" : "bypass"} \`${wordsText(first.line)}\`${slipping.length > 1 ? `, and other spellings bypass ${countOf(slipping.length - 1, "other rule")} of \`${proxy.name}\`` : ""}`,
    why: "HAProxy compares the path as the client sends it, and forwards it unchanged. A server that decodes `%61`, merges `//` or resolves `/../`, as nginx does, serves the restricted path without the restriction.",
    remedy: `Before this line, write ${[...new Set(slipping.flatMap(({ spellings }) => spellings.map(({ undoneBy }) => undoneBy)))].map((name) => `\`http-request normalize-uri ${NORMALIZERS[name]}\``).join(", ")}, and \`expose-experimental-directives\` in \`global\`.`,
    at: slipping.slice(0, 5).map(({ line }) => placeOf(layer.config, line)),
  };
}

const NORMALIZERS: Readonly<Record<Spelling["undoneBy"], string>> = {
  "percent-decode-unreserved": "percent-decode-unreserved strict",
  "path-merge-slashes": "path-merge-slashes",
  "path-strip-dot": "path-strip-dot",
  "path-strip-dotdot": "path-strip-dotdot full",
};

/** Lines that change the path: `normalize-uri NAME`, or others (undefined), after which it is not known. */
const pathChangesOf = memoized((owner: HaproxyProxy) =>
  owner.section.lines.flatMap((line) => {
    const action = actionOf(line) ?? "";
    if (action === "normalize-uri") return [{ owner, line, normalizer: line.tokens[2]?.value }];
    const rewrites = PATH_REWRITES.includes(action) || action.startsWith("lua.");
    return rewrites ? [{ owner, line, normalizer: undefined }] : [];
  }),
);

/** One of each kind, those with fewer characters first. */
function shownOf(spellings: readonly Spelling[]): readonly Spelling[] {
  const kinds = new Map(
    spellings.toReversed().map((one) => [one.undoneBy === "percent-decode-unreserved", one]),
  );
  return [...kinds.values()].toReversed();
}

/** A rule that ends the processing of a request or sends it elsewhere, with its tests of the path. */
interface PathRule {
  readonly line: HaproxyLine;
  readonly refuses: boolean;
  readonly tests: readonly { readonly asked: PathTest | undefined; readonly negated: boolean }[];
}

const rulesOf = memoized((proxy: HaproxyProxy): readonly PathRule[] =>
  linesFor(proxy)
    .filter(decides)
    .map((line) => ({
      line,
      refuses: refuses(line),
      tests: testsOf(proxy, readCondition(line))
        .filter(({ test }) => looksAtPath(test))
        .map(({ test, negated }) => ({ asked: pathTestOf(test), negated })),
    }))
    .filter(({ tests }) => tests.length > 0),
);

/** Spellings that a refusal may not apply to, and the path that it is for. */
function candidates({
  tests,
}: PathRule): readonly { readonly spelling: Spelling; readonly normal: string }[] {
  return tests.flatMap(({ asked, negated }) => {
    const sample = asked && sampleOf(asked);
    if (sample === undefined) return [];
    if (!negated) return spellingsOf(sample).map((spelling) => ({ spelling, normal: sample }));
    const path = `${sample.replace(/\/$/, "")}/../private`;
    return [{ spelling: { path, undoneBy: "path-strip-dotdot" as const }, normal: "/private" }];
  });
}

/**
 * Whether a proxy treats the two paths differently, or may: then the spelling is refused, answered, or sent to another backend.
 */
function treatsDifferently(proxy: HaproxyProxy, spelling: string, normal: string): boolean {
  if (choosesByPath(proxy)) return true;
  if (normal.startsWith(proxy.stats?.uri.value ?? "\n")) return true;
  if (monitorsOf(proxy).has(normal)) return true;
  const { refused, tried, routed } = decisionsOf(proxy);
  if (refused.matches(spelling)) return true;
  if (tried.some((one) => holds(one, spelling) !== false)) return true;
  const [asSpelled, asNormal] = [routed.matching(spelling), routed.matching(normal)];
  if (asSpelled.size !== asNormal.size || [...asSpelled].some((one) => !asNormal.has(one))) return true;
  return routed.rest.some((one) => {
    const held = holds(one, spelling);
    return held === undefined || held !== holds(one, normal);
  });
}

/** The tests of a proxy's rules: of paths that are refused, by an index or one by one, and of those that are sent elsewhere. */
const decisionsOf = memoized((proxy: HaproxyProxy) => {
  const testsOfRules = (refused: boolean) =>
    rulesOf(proxy).flatMap((rule) => (rule.refuses === refused ? rule.tests : []));
  const refusals = Map.groupBy(testsOfRules(true), ({ negated }) => negated);
  const refused = indexPaths(refusals.get(false) ?? []);
  return {
    refused,
    tried: [...refused.rest, ...(refusals.get(true) ?? [])],
    routed: indexPaths(testsOfRules(false)),
  };
});

const choosesByPath = memoized(({ useBackends }: HaproxyProxy) =>
  useBackends.some(({ name }) => /%\[(?:path|base|url)/.test(name)),
);

const monitorsOf = memoized(
  ({ section }: HaproxyProxy) =>
    new Set(linesOf(section, "monitor-uri").flatMap(({ tokens }) => tokens[1]?.value ?? [])),
);

function holds({ asked, negated }: PathRule["tests"][number], path: string): boolean | undefined {
  const matched = asked && matchesPath(asked, path);
  return matched === undefined ? undefined : matched !== negated;
}

function refuses(line: HaproxyLine): boolean {
  const action = actionOf(line) ?? "";
  const [, , parameter, value] = directiveOf(line).words;
  const isStatus = parameter?.value === "status" && /^4/.test(value?.value ?? "");
  return [...REFUSALS, "auth"].includes(action) || (action === "return" && isStatus);
}

function decides(line: HaproxyLine): boolean {
  const routes = line.tokens[0]?.value === "use_backend";
  return routes || [...ENDINGS, "auth", "use-service"].includes(actionOf(line) ?? "");
}

function reachesServers(placed: PlacedProxy): boolean {
  return (
    namesFromRequest(placed.proxy) ||
    [placed.proxy, ...backendsOf(placed)].some(({ servers }) => servers.length > 0)
  );
}

// as-is-paths-slip-past: a rule that restricts a path, and another spelling of the path that it does not match.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import { directiveOf, type HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { type PlacedTest, testsOf } from "../layers/conditions.ts";
import {
  backendsOf,
  leadersOf,
  lineageOf,
  namesFromRequest,
  type PlacedProxy,
  placeOf,
  proxiesOf,
} from "../layers/haproxy-view.ts";
import type { LayerFinding, LayerRule } from "../layers/layer-rule.ts";
import {
  looksAtPath,
  matchesPath,
  pathTestOf,
  type Spelling,
  sampleOf,
  spellingsOf,
} from "../layers/path-tests.ts";
import { countOf } from "../wording.ts";

const REFUSALS: ReadonlySet<string> = new Set(["deny", "tarpit", "reject", "silent-drop", "auth"]);
const REWRITES = /^(?:set-path|set-pathq|set-uri|replace-path|replace-pathq|replace-uri|lua\..*)$/;

export const asIsPathsSlipPast: LayerRule = {
  code: "as-is-paths-slip-past",
  severity: "warning",
  about: "path rules that another spelling of the path slips past",
  check: (wiring) => proxiesOf(wiring).flatMap((placed) => findingsOf(wiring, placed)),
};

/** A line that refuses requests, and what slips past it. */
interface Slipping {
  readonly line: HaproxyLine;
  readonly spellings: readonly Spelling[];
}

function findingsOf(wiring: Wiring, placed: PlacedProxy): readonly LayerFinding[] {
  const { layer, proxy } = placed;
  const leaders = leadersOf(wiring, placed).map((leader) => leader.proxy);
  if (proxy.mode.value !== "http" || !reachesServers(placed)) return [];
  const sections = [...new Set([proxy, ...leaders].flatMap(lineageOf))];
  const lines = sections.flatMap(({ section }) => section.lines.map((line) => ({ owner: section, line })));
  if (lines.some(({ line }) => REWRITES.test(line.tokens[1]?.value ?? ""))) return [];
  const slipping = proxy.section.lines.flatMap((line): Slipping[] => {
    const before = lines.filter((one) => one.owner !== proxy.section || one.line.number < line.number);
    const undone = new Set(before.flatMap((one) => normalizerOf(one.line)));
    const spellings = candidates(proxy, line).filter(
      ({ spelling, normal }) =>
        !undone.has(spelling.undoneBy) &&
        ![proxy, ...leaders].some((one) => tellsApart(one, line, spelling.path, normal)),
    );
    return spellings.length === 0 ? [] : [{ line, spellings: spellings.map(({ spelling }) => spelling) }];
  });
  const [first] = slipping;
  if (first === undefined) return [];
  const shown = shownOf(first.spellings);
  return [
    {
      what: `${shown.map(({ path }) => `\`${path}\``).join(" and ")} ${shown.length === 1 ? "slips" : "slip"} past \`${first.line.tokens.map(({ value }) => value).join(" ")}\`${slipping.length > 1 ? `, and other spellings past ${countOf(slipping.length - 1, "other rule")} of \`${proxy.name}\`` : ""}`,
      why: "HAProxy compares the path as the client writes it and passes it on like that. A server that decodes `%61`, merges `//` or resolves `/../`, as nginx does, reads the restricted path and answers without the restriction.",
      remedy: `Write before it ${[...new Set(slipping.flatMap(({ spellings }) => spellings.map(({ undoneBy }) => undoneBy)))].map((name) => `\`http-request normalize-uri ${NORMALIZERS[name]}\``).join(", ")}, and \`expose-experimental-directives\` in \`global\`.`,
      at: slipping.slice(0, 5).map(({ line }) => placeOf(layer.config, line)),
    },
  ];
}

const NORMALIZERS: Readonly<Record<Spelling["undoneBy"], string>> = {
  "percent-decode-unreserved": "percent-decode-unreserved strict",
  "path-merge-slashes": "path-merge-slashes",
  "path-strip-dot": "path-strip-dot",
  "path-strip-dotdot": "path-strip-dotdot full",
};

function normalizerOf({ tokens }: HaproxyLine): readonly string[] {
  const [first, action, name] = tokens.map(({ value }) => value);
  return first === "http-request" && action === "normalize-uri" && name !== undefined ? [name] : [];
}

/** One of each kind, those with fewer characters first. */
function shownOf(spellings: readonly Spelling[]): readonly Spelling[] {
  const kinds = new Map(
    spellings.toReversed().map((one) => [one.undoneBy === "percent-decode-unreserved", one]),
  );
  return [...kinds.values()].toReversed();
}

/** Spellings that a refusal does not apply to, and the path that it is for. */
function candidates(
  proxy: HaproxyProxy,
  line: HaproxyLine,
): readonly { readonly spelling: Spelling; readonly normal: string }[] {
  if (!refuses(line)) return [];
  return pathTestsOf(proxy, line).flatMap(({ test, negated }) => {
    const asked = pathTestOf(test);
    const sample = asked && sampleOf(asked);
    if (sample === undefined) return [];
    if (!negated) return spellingsOf(sample).map((spelling) => ({ spelling, normal: sample }));
    const path = `${sample.replace(/\/$/, "")}/../private`;
    return [{ spelling: { path, undoneBy: "path-strip-dotdot" as const }, normal: "/private" }];
  });
}

/**
 * Whether some other rule treats the two paths differently, or may: then the spelling may be refused, answered, or sent to another
 * backend. Of the rule itself: whether it refuses the spelling too.
 */
function tellsApart(proxy: HaproxyProxy, rule: HaproxyLine, spelling: string, normal: string): boolean {
  if (namesFromRequest(proxy) && proxy.useBackends.some(({ name }) => /%\[(?:path|base|url)/.test(name)))
    return true;
  if (normal.startsWith(proxy.stats?.uri.value ?? "\n")) return true;
  return lineageOf(proxy)
    .flatMap(({ section }) => section.lines)
    .some((line) => {
      if (line.tokens[0]?.value === "monitor-uri" && line.tokens[1]?.value === normal) return true;
      if (!decides(line)) return false;
      const tests = pathTestsOf(proxy, line);
      if (line === rule || refuses(line)) return tests.some((test) => holds(test, spelling) !== false);
      return tests.some(
        (test) => holds(test, spelling) === undefined || holds(test, spelling) !== holds(test, normal),
      );
    });
}

function holds({ test, negated }: PlacedTest, path: string): boolean | undefined {
  const asked = pathTestOf(test);
  const matched = asked && matchesPath(asked, path);
  return matched === undefined ? undefined : matched !== negated;
}

function pathTestsOf(proxy: HaproxyProxy, line: HaproxyLine): readonly PlacedTest[] {
  return testsOf(proxy, readCondition(line)).filter(({ test }) => looksAtPath(test));
}

function refuses(line: HaproxyLine): boolean {
  const { negated, words } = directiveOf(line);
  const [first, action, second, status = ""] = words.map(({ value }) => value);
  if (negated || first !== "http-request") return false;
  return REFUSALS.has(action ?? "") || (action === "return" && second === "status" && /^4/.test(status));
}

/** Rules after which a request goes elsewhere or no further. */
function decides(line: HaproxyLine): boolean {
  const { negated, words } = directiveOf(line);
  const [first, action] = words.map(({ value }) => value);
  if (negated) return false;
  if (first === "use_backend" || first === "redirect") return true;
  return (
    first === "http-request" && (refuses(line) || /^(?:return|redirect|use-service)$/.test(action ?? ""))
  );
}

function reachesServers(placed: PlacedProxy): boolean {
  return (
    namesFromRequest(placed.proxy) ||
    [placed.proxy, ...backendsOf(placed)].some(({ servers }) => servers.length > 0)
  );
}

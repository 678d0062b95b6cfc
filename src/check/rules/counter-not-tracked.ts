// counter-not-tracked: condition reads a counter that no rule tracks.
import type { AclTest } from "../../wiring/haproxy/condition.ts";
import {
  directiveOf,
  type HaproxyLine,
  type HaproxySection,
  tokenPosition,
} from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { keyOf, onceEach } from "../groups.ts";
import { testsIn } from "../layers/conditions.ts";
import {
  backendsOf,
  leadersOf,
  lineageOf,
  namesFromRequest,
  type PlacedProxy,
  placeOf,
  proxiesOf,
} from "../layers/haproxy-view.ts";
import { memoized } from "../layers/memoized.ts";
import type { Rule, RuleFindings } from "../rule.ts";
import { noted } from "../wording.ts";

export const counterNotTracked: Rule = {
  code: "counter-not-tracked",
  severity: "warning",
  check: (wiring) =>
    onceEach(
      proxiesOf(wiring).flatMap((placed) =>
        usesOf(placed.proxy).flatMap((use) => findingsOf(wiring, placed, use)),
      ),
      ({ at: [place] }) => (place ? keyOf(place) : ""),
    ),
};

/** A condition that reads a counter: `sc_http_req_rate(0)`, `sc0_conn_cur`. */
interface Use {
  readonly line: HaproxyLine;
  readonly test: AclTest;
  readonly counter: string;
}

function usesOf(proxy: HaproxyProxy): readonly Use[] {
  return testsIn(proxy).flatMap(({ line, test }) => {
    const counter = counterOf(test);
    return counter === undefined ? [] : [{ line, test, counter }];
  });
}

/** The number of the counter; `sc_tracked` and `sc0_tracked` only test whether it is tracked. */
function counterOf({ expression }: AclTest): string | undefined {
  const [fetch] = expression?.calls ?? [];
  const found = /^sc(\d*)_(.+)$/.exec(fetch?.name ?? "");
  if (fetch === undefined || found === null || found[2] === "tracked") return undefined;
  // `sc_get_gpt(<index>,<counter>)` and similar have the index in the array first.
  const place = /^(?:(?:get|inc|clr)_gp[ct]|gpc_rate)$/.test(found[2] ?? "") ? 1 : 0;
  const counter = found[1] || fetch.arguments[place]?.value;
  return counter !== undefined && /^\d+$/.test(counter) ? counter : undefined;
}

function findingsOf(wiring: Wiring, placed: PlacedProxy, { line, test, counter }: Use): RuleFindings {
  const { layer, proxy } = placed;
  const fetch = test.fetch.value;
  const place = tokenPosition(layer.config, test.fetch, test.patterns.at(-1));
  const tracking = trackersOf(wiring, placed, counter);
  if (tracking.length === 0) {
    return {
      what: `\`${fetch}\` in \`${proxy.name}\` reads a counter that no rule tracks`,
      why: `Without \`track-sc${counter}\` the test is false for every request, even \`ge 0\`: the limit in \`${ruleOf(line)}\` has no effect.`,
      remedy: `Write \`http-request track-sc${counter} src\` in \`${proxy.name}\` before the first line that reads it, with a \`stick-table type ip\` that stores the compared value.`,
      at: [place, placeOf(layer.config, line)],
    };
  }
  if (!tracking.every((one) => isLater(proxy, line, one))) return [];
  return {
    what: `\`${fetch}\` in \`${proxy.name}\` reads a counter before it is tracked`,
    why: `HAProxy runs \`http-request\` rules in the order of the file, and \`track-sc${counter}\` comes after this one: the test is false for every request, and the limit in \`${ruleOf(line)}\` has no effect.`,
    remedy: `Move \`http-request track-sc${counter}\` above the first line that reads the counter.`,
    at: [place, ...tracking.slice(0, 2).map((one) => noted(placeOf(layer.config, one), "tracked here"))],
  };
}

/** Lines that track a counter for requests of a proxy: its own, and those of proxies before and after it. */
function trackersOf(wiring: Wiring, placed: PlacedProxy, counter: string): readonly HaproxyLine[] {
  const { layer, proxy } = placed;
  const leaders = leadersOf(wiring, placed).map((leader) => leader.proxy);
  const backends = namesFromRequest(proxy) ? layer.wiring.proxies : backendsOf(placed);
  const sections = new Set([proxy, ...leaders, ...backends].flatMap(lineageOf).map(({ section }) => section));
  return [...sections].flatMap((section) => trackersIn(section).get(counter) ?? []);
}

/** By the number of the counter. */
const trackersIn = memoized(({ lines }: HaproxySection) =>
  Map.groupBy(
    lines.filter((line) => trackedBy(line) !== undefined),
    (line) => trackedBy(line) ?? "",
  ),
);

function trackedBy(line: HaproxyLine): string | undefined {
  const words = directiveOf(line).words.slice(0, 3);
  return words.map(({ value }) => /^track-sc(\d+)$/.exec(value)?.[1]).find((one) => one !== undefined);
}

/** Whether both are `http-request` rules of one section, and the one that tracks is the later. */
function isLater({ section }: HaproxyProxy, use: HaproxyLine, tracker: HaproxyLine): boolean {
  return (
    section.lines.includes(use) &&
    section.lines.includes(tracker) &&
    use.tokens[0]?.value === "http-request" &&
    tracker.tokens[0]?.value === "http-request" &&
    tracker.number > use.number
  );
}

/** `http-request deny`, `use_backend`. */
function ruleOf(line: HaproxyLine): string {
  const { words } = directiveOf(line);
  const count = /-request$|-response$|^stats$/.test(words[0]?.value ?? "") ? 2 : 1;
  return words
    .slice(0, count)
    .map(({ value }) => value)
    .join(" ");
}

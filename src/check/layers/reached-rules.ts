// Which rules of each haproxy.cfg requests reach, examined once for all findings about them.
import type { Position } from "../../findings/finding.ts";
import { inputOf } from "../../space/haproxy/evaluate-haproxy.ts";
import type { UnreachedEntry } from "../../space/haproxy/map-reach.ts";
import { type ExaminedRule, examineRules } from "../../space/haproxy/rule-reach.ts";
import type { TracedTerm } from "../../space/haproxy/trace.ts";
import type { HaproxyLayer, LeftOut, Wiring, WiringFile } from "../../wiring/wiring.ts";
import { groupsOf } from "../groups.ts";
import { memoized } from "./memoized.ts";

const reachIn = memoized((layer: HaproxyLayer) => examineRules(inputOf(layer)));

/** What was not examined because the evaluation reached its budget: rules without a finding may be unreachable. */
export function unexaminedRules({ haproxies }: Wiring): readonly LeftOut[] {
  return haproxies
    .filter((layer) => reachIn(layer).isIncomplete)
    .map(({ config }) => ({
      what: `the search for unreachable rules and map entries in \`${config.file}\` is incomplete`,
      why: "The conditions need more steps than the limit of the evaluation.",
      severity: "note",
      at: { file: config.file, line: 1, column: 1 },
    }));
}

/** In the order of the file. */
export function examinedRules(wiring: Wiring): readonly ExaminedRule[] {
  return wiring.haproxies.flatMap((layer) =>
    [...reachIn(layer).rules].sort((a, b) => a.line.number - b.line.number),
  );
}

interface UnreachedLayerEntry extends UnreachedEntry {
  readonly layer: HaproxyLayer;
  readonly file: WiringFile;
}

/** Entries of maps that no request of any haproxy.cfg with the same file reaches. */
export function unreachedEntries({ haproxies }: Wiring): readonly UnreachedLayerEntry[] {
  const users = haproxies.flatMap(({ maps }) => [...new Set([...maps.values()].map(({ file }) => file))]);
  const all = haproxies.flatMap((layer) =>
    reachIn(layer).entries.flatMap((one): UnreachedLayerEntry[] => {
      const file = layer.maps.get(one.path);
      return file === undefined ? [] : [{ ...one, layer, file }];
    }),
  );
  const same = groupsOf(all, ({ file, entry }) => `${file.file}:${entry.line}`);
  return same.flatMap((group) => {
    const [first] = group;
    return group.length === users.filter((file) => file === first.file.file).length ? [first] : [];
  });
}

/** Fetches whose value the bind, the section or HAProxy itself decides, whatever the request is. */
const FIXED_FETCHES =
  /^(?:always_|ssl_fc|so_|fe_|be_name|be_id|HTTP$|req\.?_?proto_http|wait_end|dst_port|bool$|int$|str$)/;

/** Whether a term tests what is the same for all requests of a section, as `ssl_fc` where all binds have TLS. */
export function isFixed({ tests }: TracedTerm): boolean {
  return tests.length > 0 && tests.every(({ fetch }) => FIXED_FETCHES.test(fetch.value));
}

/** Whether it is intended never to hold: `FALSE`. */
export function isSwitch({ tests }: TracedTerm): boolean {
  return tests.length > 0 && tests.every(({ fetch }) => fetch.value.startsWith("always_"));
}

/** The names of the sections that run it. */
export function sectionsOf({ runs }: ExaminedRule): readonly string[] {
  return [...new Set(runs.map(({ proxy }) => proxy.name))];
}

/** The lines of the named ACLs of these terms. */
export function linesOfTerms(terms: readonly TracedTerm[]): readonly (Position | undefined)[] {
  return terms.flatMap(({ lines }) => lines.map(({ at }) => at));
}

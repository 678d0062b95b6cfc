// Input of rules about haproxy.cfg: every proxy with its file, and which clients reach it.
import type { Fix, FixEdit, Position } from "../../findings/finding.ts";
import { type HaproxyAddress, isLoopback } from "../../wiring/haproxy/address.ts";
import {
  directiveOf,
  type HaproxyConfig,
  type HaproxyLine,
  type HaproxySection,
  lineStart,
  originAt,
  placeInFile,
  tokenPosition,
} from "../../wiring/haproxy/config.ts";
import { lineageOf } from "../../wiring/haproxy/lineage.ts";
import type { HaproxyBind, HaproxyProxy, Setting } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { memoized } from "./memoized.ts";

export { lineageOf };

export interface PlacedProxy {
  readonly layer: HaproxyLayer;
  readonly proxy: HaproxyProxy;
}

/** Frontends and listens: clients connect to them. */
export function clientSides(wiring: Wiring): readonly PlacedProxy[] {
  return proxiesOf(wiring).filter(({ proxy }) => proxy.kind === "frontend" || proxy.kind === "listen");
}

/** Backends and listens: they have servers. */
export function serverSides(wiring: Wiring): readonly PlacedProxy[] {
  return proxiesOf(wiring).filter(({ proxy }) => proxy.kind === "backend" || proxy.kind === "listen");
}

export function proxiesOf(wiring: Wiring): readonly PlacedProxy[] {
  return wiring.haproxies.flatMap((layer) => layer.wiring.proxies.map((proxy) => ({ layer, proxy })));
}

/** The backends that a proxy sends requests to by name; names that are made from the request are not known. */
export function backendsOf({ layer, proxy }: PlacedProxy): readonly HaproxyProxy[] {
  const byName = backendsByName(layer);
  const names = new Set([proxy.defaultBackend?.value ?? "", ...proxy.useBackends.map(({ name }) => name)]);
  const named = [...names]
    .flatMap((name) => byName.get(name) ?? [])
    .sort((a, b) => a.index - b.index)
    .map((one) => one.proxy);
  return proxy.kind === "listen" ? [proxy, ...named] : named;
}

/** Each with its place in the file. */
const backendsByName = memoized(({ wiring }: HaproxyLayer) =>
  Map.groupBy(
    wiring.proxies
      .map((proxy, index) => ({ proxy, index }))
      .filter(({ proxy: { kind } }) => kind !== "frontend"),
    ({ proxy: { name } }) => name,
  ),
);

/** The frontends and listens of the same file that send requests to a proxy; a name computed from the request may be any of them. */
export function leadersOf(wiring: Wiring, { layer, proxy }: PlacedProxy): readonly PlacedProxy[] {
  const { byName, byRequest } = leadersIn(wiring);
  const named = byName.get(proxy) ?? [];
  return [...named, ...byRequest.filter((placed) => placed.layer === layer && !named.includes(placed))];
}

const leadersIn = memoized((wiring: Wiring) => {
  const byName = new Map<HaproxyProxy, PlacedProxy[]>();
  for (const placed of clientSides(wiring)) {
    for (const backend of new Set([placed.proxy, ...backendsOf(placed)])) {
      const leaders = byName.get(backend) ?? [];
      leaders.push(placed);
      byName.set(backend, leaders);
    }
  }
  return { byName, byRequest: clientSides(wiring).filter(({ proxy }) => namesFromRequest(proxy)) };
});

/** Whether some backend is chosen by a name that is made from the request: `use_backend %[…]`. */
export function namesFromRequest({ useBackends }: HaproxyProxy): boolean {
  return useBackends.some(({ name }) => name.includes("%["));
}

/** Whether it forwards requests to servers. */
export function passesOn(proxy: HaproxyProxy): boolean {
  return proxy.defaultBackend !== undefined || proxy.useBackends.length > 0 || proxy.servers.length > 0;
}

/**
 * Which clients reach a proxy. `outside`: through a load balancer, a node port or a host port. `cluster`: pods only.
 * `itself`: only processes of the same pod. `unknown`: the files do not determine it.
 */
export function reachOf(
  wiring: Wiring,
  { layer, proxy }: PlacedProxy,
): "outside" | "cluster" | "itself" | "unknown" {
  const open = proxy.binds.filter(({ address }) => !isLocal(address));
  if (open.length === 0) return "itself";
  const trafficPaths = pathsTo(wiring, open);
  if (trafficPaths.some(reachableFromOutside)) return "outside";
  if (trafficPaths.length > 0) return "cluster";
  return reachedLayers(wiring).has(layer) ? "cluster" : "unknown";
}

const reachedLayers = memoized(
  (wiring: Wiring) => new Set(wiring.trafficPaths.map(({ haproxy }) => haproxy)),
);

function reachableFromOutside({ start, loadBalancer, service }: TrafficPath): boolean {
  if (start === "service") return service?.type === "NodePort" || service?.type === "LoadBalancer";
  return knownValue(loadBalancer?.internal) !== true;
}

/** undefined: nothing sets it, or its value is not known. */
export function knownSetting<T>(setting: Setting<T | undefined> | undefined): Setting<T> | undefined {
  return setting?.value === undefined ? undefined : { ...setting, value: setting.value };
}

/** A UNIX socket, or an address on loopback. */
export function isLocal(address: HaproxyAddress): boolean {
  return address.kind === "path" || address.kind === "other" || isLoopback(address);
}

/** Paths that end at one of these binds. */
export function pathsTo(wiring: Wiring, binds: readonly HaproxyBind[]): readonly TrafficPath[] {
  return binds.flatMap((bind) => pathsByBind(wiring).get(bind) ?? []);
}

const pathsByBind = memoized(({ trafficPaths }: Wiring) => Map.groupBy(trafficPaths, ({ bind }) => bind));

/** The lines of a section that begin with these words, after a leading `no` or `default`; disabled ones are left out. */
export function linesOf(section: HaproxySection, ...words: readonly string[]): readonly HaproxyLine[] {
  return section.lines.filter((line) => {
    const { negated, words: own } = directiveOf(line);
    return !negated && words.every((word, index) => own[index]?.value === word);
  });
}

/** The lines of a section and of the `defaults` above it that begin with these words, the nearest section first. */
export function linesFor(proxy: HaproxyProxy, ...words: readonly string[]): readonly HaproxyLine[] {
  return lineageOf(proxy).flatMap(({ section }) => linesOf(section, ...words));
}

/** The line of a setting that applies to a proxy: the last of the nearest section that has one. */
export function settingLine(proxy: HaproxyProxy, ...words: readonly string[]): HaproxyLine | undefined {
  const sections = lineageOf(proxy).map(({ section }) => linesOf(section, ...words));
  return sections.find(({ length }) => length > 0)?.at(-1);
}

export function placeOf(config: HaproxyConfig, line: HaproxyLine): Position {
  const first = line.tokens[0];
  return first === undefined ? lineStart(config, line) : tokenPosition(config, first, line.tokens.at(-1));
}

/** undefined: a section before the first header. */
export function headerOf({ config }: HaproxyLayer, { header }: HaproxySection): Position | undefined {
  return header && placeOf(config, header);
}

/** Inserts a line after the last directive of a section, with the same indentation; undefined if the file may not be changed. */
export function fixByLine(layer: HaproxyLayer, section: HaproxySection, text: string): Fix | undefined {
  const directives = section.lines.filter((line) => line.tokens.length > 0);
  const last = directives.at(-1) ?? section.header;
  if (last === undefined || last.end === "" || last.conditional || last.fault !== undefined) return undefined;
  const indent = directives.length === 0 ? "  " : (/^[ \t]*/.exec(last.text)?.[0] ?? "");
  const margin = " ".repeat(placeInFile(layer.config, { line: last.number, column: 1 }).column - 1);
  const where = `${section.kind} ${section.name?.value ?? ""}`.trim();
  const edit = insertion(layer, last, last.text.length + 1, `${last.end}${margin}${indent}${text}`);
  return edit && { does: `adds \`${text}\` to ${where}`, edits: [edit] };
}

/** Appends words to a line, before its comment. */
export function fixByWords(layer: HaproxyLayer, line: HaproxyLine, text: string): Fix | undefined {
  const last = line.tokens.at(-1);
  const edit = last && insertion(layer, line, last.column + last.length, ` ${text}`);
  return edit && { does: `adds \`${text}\` to line ${edit.line}`, edits: [edit] };
}

/** undefined if the text is in two files, or in none in this form. */
function insertion(
  { config, from }: HaproxyLayer,
  line: HaproxyLine,
  column: number,
  text: string,
): FixEdit | undefined {
  const origin = originAt(config, line.number);
  if (origin === undefined ? from !== "file" : origin.at !== undefined) return undefined;
  const place = placeInFile(config, { line: line.number, column });
  return {
    file: place.file,
    line: place.line,
    column: place.column,
    endLine: place.line,
    endColumn: place.column,
    text,
  };
}

// Where a redirect leads, as conditions on the request that it answers: which listener, host, path and query the next request has.
import type { TextDimension } from "../dimension.ts";
import { constant, joined, type Part, source } from "../haproxy/value.ts";
import type { QueryListener } from "../query.ts";
import { USUAL_PORTS } from "../witness.ts";

/** Parts of the next request, made of parts of this one. */
export interface RedirectTarget {
  readonly listener: QueryListener;
  readonly host: readonly Part[];
  /** undefined: without. */
  readonly port: readonly Part[] | undefined;
  readonly path: readonly Part[];
  readonly query: readonly Part[] | undefined;
  /** `https://host`, not a path alone. */
  readonly isAbsolute: boolean;
}

/** What the parts of a location are parts of. */
export interface LocationDimensions {
  readonly host: TextDimension;
  /** undefined: no condition tests the port in the Host header. */
  readonly hostPort: TextDimension | undefined;
}

/** `elsewhere`: no client follows it to this edge. `unknown`: Portico does not follow it. */
export type Unfollowed = "elsewhere" | "unknown";

export function redirectTarget(
  location: readonly Part[],
  from: QueryListener,
  listeners: ListenersByScheme,
  on: LocationDimensions,
): RedirectTarget | Unfollowed {
  const [first, ...rest] = location;
  if (first?.kind === "source" && first.on.id === "path") return relative(location, from, on);
  // Browsers ignore an empty Location.
  if (first === undefined) return "elsewhere";
  if (first.kind !== "constant") return "unknown";
  if (/^\/(?![/\\])/.test(first.text)) return relative(location, from, on);
  if (first.text.startsWith("//"))
    return absolute(joined(constant(`${from.scheme}:`).parts, [first], rest), from.scheme, from, listeners);
  const scheme = /^(https?):\/\//i.exec(first.text)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") return absolute(location, scheme, from, listeners);
  return /^(?!https?:)[a-z][-+.\da-z]*:/i.test(first.text) ? "elsewhere" : "unknown";
}

function relative(
  parts: readonly Part[],
  listener: QueryListener,
  { host, hostPort }: LocationDimensions,
): RedirectTarget | Unfollowed {
  const rest = pathAndQuery(parts);
  const port = hostPort && source(hostPort).parts;
  return rest === undefined
    ? "unknown"
    : { listener, host: source(host).parts, port, isAbsolute: false, ...rest };
}

function absolute(
  parts: readonly Part[],
  scheme: "http" | "https",
  from: QueryListener,
  listeners: ListenersByScheme,
): RedirectTarget | Unfollowed {
  const [authority, rest] = splitAt(withoutFront(parts, `${scheme}://`.length), /[/?#]/);
  const [host, behind] = splitAt(authority, /:/);
  if (host.length === 0) return "elsewhere";
  const port = behind.length === 0 ? undefined : withoutFront(behind, 1);
  const target = pathAndQuery(rest);
  const isSameHost = host.length === 1 && host[0]?.kind === "source" && host[0].on.id === "host";
  const listener = listenerOf({ scheme, port, isSameHost }, from, listeners);
  if (typeof listener === "string") return listener;
  if (target === undefined) return "unknown";
  return { listener, host: host.map(inLowerCase), port, isAbsolute: true, ...target };
}

/** As browsers write a host. */
function inLowerCase(part: Part): Part {
  return part.kind === "constant" ? { ...part, text: part.text.toLowerCase() } : part;
}

/** Listeners by scheme and by whether internal clients use them, and these by port, too. */
export type ListenersByScheme = ReadonlyMap<string, readonly QueryListener[]>;

export function listenersByScheme(listeners: readonly QueryListener[]): ListenersByScheme {
  const keyOf = ({ scheme, entrance }: QueryListener) => `${scheme} ${entrance}`;
  return new Map([
    ...Map.groupBy(listeners, keyOf),
    ...Map.groupBy(listeners, (one) => `${keyOf(one)} ${one.port}`),
  ]);
}

interface Origin {
  readonly scheme: "http" | "https";
  /** undefined: the usual port of the scheme. */
  readonly port: readonly Part[] | undefined;
  readonly isSameHost: boolean;
}

function listenerOf(
  { scheme, port, isSameHost }: Origin,
  from: QueryListener,
  listeners: ListenersByScheme,
): QueryListener | Unfollowed {
  const [written, ...others] = port ?? [];
  if (others.length > 0) return "unknown";
  if (written?.kind === "source" && written.on.id === "host-port")
    return scheme === from.scheme ? from : "elsewhere";
  if (written !== undefined && written.kind !== "constant") return "unknown";
  const candidates = listeners.get(`${scheme} ${from.entrance}`) ?? [];
  const number = written === undefined ? USUAL_PORTS[scheme] : Number(written.text);
  const atPort = listeners.get(`${scheme} ${from.entrance} ${number}`) ?? [];
  if (atPort.includes(from) && isSameHost) return from;
  const [first] = atPort;
  // Frontends at the same port of several addresses: which one serves the host is not known.
  if (new Set(atPort.map(({ section }) => section)).size > 1) return "unknown";
  if (first !== undefined) return atPort.includes(from) ? from : first;
  if (written !== undefined) return "elsewhere";
  return unlistedListener(from.scheme === scheme ? [from] : candidates);
}

/** At the usual port, for which no listener is known: a bind may be behind it. */
function unlistedListener(candidates: readonly QueryListener[]): QueryListener | Unfollowed {
  const [only, ...others] = candidates.filter(
    ({ port, frontend }) => port === undefined || frontend !== undefined,
  );
  if (others.length > 0) return "unknown";
  return only ?? "elsewhere";
}

/** As browsers send them: without a fragment and dot segments. undefined: not known. */
function pathAndQuery(parts: readonly Part[]): Pick<RedirectTarget, "path" | "query"> | undefined {
  const [beforeFragment] = splitAt(parts, /#/);
  const [written, behind] = splitAt(beforeFragment, /\?/);
  const isAscii = beforeFragment.every((part) => part.kind !== "constant" || /^[!-~]*$/.test(part.text));
  const isQueried = written.some((part) => part.kind === "source" && part.on.id === "query");
  const path = isAscii && !isQueried ? sentPath(written) : undefined;
  return path && { path, query: behind.length === 0 ? undefined : withoutFront(behind, 1).map(sentQuery) };
}

function sentPath([first, ...rest]: readonly Part[]): readonly Part[] | undefined {
  if (first === undefined) return constant("/").parts;
  const isChanged = (text: string) => pathSentFor(text) !== text;
  const others = first.kind === "constant" ? rest : [first, ...rest];
  if (others.some((part) => part.kind === "constant" && isChanged(`/${part.text}/`))) return undefined;
  if (first.kind !== "constant") return others;
  const [second] = rest;
  if (second === undefined) return constant(pathSentFor(first.text)).parts;
  if (second.kind === "source" && second.on.id === "path")
    return joined(constant(pathSentFor(`${first.text}/`).slice(0, -1)).parts, rest);
  return isChanged(`${first.text}/`) ? undefined : [first, ...rest];
}

function pathSentFor(path: string): string {
  return new URL(`http://host${path}`).pathname;
}

function sentQuery(part: Part): Part {
  if (part.kind !== "constant") return part;
  return { ...part, text: new URL(`http://host/?${part.text}`).search.slice(1) };
}

/** Before and from the first of these bytes in a constant; a path begins with a slash. */
function splitAt(parts: readonly Part[], bytes: RegExp): readonly [readonly Part[], readonly Part[]] {
  for (const [index, part] of parts.entries()) {
    if (part.kind === "source" && part.on.id === "path" && bytes.test("/"))
      return [parts.slice(0, index), parts.slice(index)];
    const at = part.kind === "constant" ? part.text.search(bytes) : -1;
    if (part.kind !== "constant" || at < 0) continue;
    const [front, behind] = [constant(part.text.slice(0, at)).parts, constant(part.text.slice(at)).parts];
    return [joined(parts.slice(0, index), front), joined(behind, parts.slice(index + 1))];
  }
  return [parts, []];
}

function withoutFront([first, ...rest]: readonly Part[], length: number): readonly Part[] {
  return first?.kind === "constant" ? joined(constant(first.text.slice(length)).parts, rest) : rest;
}

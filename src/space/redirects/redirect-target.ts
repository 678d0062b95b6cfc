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

/** undefined: it is not followed, or leads to another edge. */
export function redirectTarget(
  location: readonly Part[],
  from: QueryListener,
  listeners: ListenersByScheme,
  on: LocationDimensions,
): RedirectTarget | undefined {
  const [first, ...rest] = location;
  if (first?.kind === "source" && first.on.id === "path") return relative(location, from, on);
  if (first?.kind !== "constant") return undefined;
  if (/^\/(?!\/)/.test(first.text)) return relative(location, from, on);
  if (first.text.startsWith("//"))
    return absolute(joined(constant(`${from.scheme}:`).parts, [first], rest), from.scheme, from, listeners);
  const scheme = /^(https?):\/\//i.exec(first.text)?.[1]?.toLowerCase();
  return scheme === "http" || scheme === "https" ? absolute(location, scheme, from, listeners) : undefined;
}

function relative(
  parts: readonly Part[],
  listener: QueryListener,
  { host, hostPort }: LocationDimensions,
): RedirectTarget | undefined {
  const rest = pathAndQuery(parts);
  const port = hostPort && source(hostPort).parts;
  return rest && { listener, host: source(host).parts, port, isAbsolute: false, ...rest };
}

function absolute(
  parts: readonly Part[],
  scheme: "http" | "https",
  from: QueryListener,
  listeners: ListenersByScheme,
): RedirectTarget | undefined {
  const [authority, rest] = splitAt(withoutFront(parts, `${scheme}://`.length), /[/?#]/);
  const [host, behind] = splitAt(authority, /:/);
  const port = behind.length === 0 ? undefined : withoutFront(behind, 1);
  const target = pathAndQuery(rest);
  const listener = listenerOf(scheme, port, from, listeners);
  if (host.length === 0 || target === undefined || listener === undefined) return undefined;
  return { listener, host: host.map(inLowerCase), port, isAbsolute: true, ...target };
}

/** As browsers write a host. */
function inLowerCase(part: Part): Part {
  return part.kind === "constant" ? { ...part, text: part.text.toLowerCase() } : part;
}

/** Listeners by scheme, and by whether internal clients use them. */
export type ListenersByScheme = ReadonlyMap<string, SchemeListeners>;

interface SchemeListeners {
  readonly byPort: ReadonlyMap<number | undefined, QueryListener>;
  readonly only: QueryListener | undefined;
}

export function listenersByScheme(listeners: readonly QueryListener[]): ListenersByScheme {
  const groups = Map.groupBy(listeners, ({ scheme, entrance }) => `${scheme} ${entrance}`);
  return new Map(
    [...groups].map(([key, found]) => [
      key,
      {
        byPort: new Map(found.toReversed().map((one) => [one.port, one])),
        only: found.length === 1 ? found[0] : undefined,
      },
    ]),
  );
}

/** Without a port in the URL, a client uses the default port of the scheme, whatever port the bind has. */
function listenerOf(
  scheme: "http" | "https",
  port: readonly Part[] | undefined,
  from: QueryListener,
  listeners: ListenersByScheme,
): QueryListener | undefined {
  const [only, ...others] = port ?? [];
  if (port !== undefined && others.length > 0) return undefined;
  if (only?.kind === "source") return only.on.id === "host-port" && scheme === from.scheme ? from : undefined;
  const candidates = listeners.get(`${scheme} ${from.entrance}`);
  if (only?.kind === "constant") return candidates?.byPort.get(Number(only.text));
  if (from.scheme === scheme) return from;
  return candidates?.byPort.get(USUAL_PORTS[scheme]) ?? candidates?.only;
}

/** undefined where browsers change the URL: dot segments, a backslash, a fragment. */
function pathAndQuery(parts: readonly Part[]): Pick<RedirectTarget, "path" | "query"> | undefined {
  const [written, behind] = splitAt(parts, /\?/);
  const path = written.length === 0 ? constant("/").parts : written;
  const texts = [...path, ...behind].flatMap((part) => (part.kind === "constant" ? part.text : []));
  const isChanged = texts.some((text) => /[\\#\s]|(?:^|\/)\.{1,2}(?:\/|$)|[^!-~]/.test(text));
  const isQueried = path.some((part) => part.kind === "source" && part.on.id === "query");
  if (isChanged || isQueried) return undefined;
  return { path, query: behind.length === 0 ? undefined : withoutFront(behind, 1) };
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

// The requests at the boundaries of hand-written layers: what conditions and maps compare with, on every path.
import { portText } from "../emit/haproxy/answers.ts";
import { bindEntrance } from "../lab/bind-entrances.ts";
import { DEFAULT_PORT, splitUrl } from "../lab/send.ts";
import { type AclTest, type ConditionTerm, readCondition } from "../wiring/haproxy/condition.ts";
import type { HaproxyProxy } from "../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../wiring/wiring.ts";
import { knownValue } from "../wiring/written.ts";
import { type ExaminedPath, isExamined } from "./examined.ts";
import { boundsOf } from "./network-bounds.ts";
import { PLAIN_REQUEST, type Probe, UNKNOWN_HOST } from "./probe.ts";
import { samplesOf } from "./regex-sample.ts";
import { spread, spreadPairs } from "./spread.ts";

/** What a condition requires of a request; what is missing has its default. */
interface Wanted {
  readonly host?: string;
  readonly path?: string;
  readonly method?: string;
  readonly query?: string;
  readonly from?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

/** Sent without the body that they announce, they would consume the next request of the connection (RFC 9112 section 6). */
const FRAMING: ReadonlySet<string> = new Set(["content-length", "transfer-encoding"]);
/** Of a large map or of many conditions, an even sample of this size. */
const MOST = 2_000;

export function layerProbes(wiring: Wiring): readonly Probe[] {
  return wiring.trafficPaths.filter(isExamined).flatMap((path) => {
    const entrance = path.start === "bind" ? entranceAt(wiring.trafficPaths, path) : {};
    return wantedBy(path.haproxy, path.proxy).map((wanted) => ({ ...probeOf(path, wanted), ...entrance }));
  });
}

/** A frontend may have another name in the other configuration: the port decides, where it can. */
function entranceAt(paths: readonly TrafficPath[], path: ExaminedPath): Pick<Probe, "frontend"> {
  const found = bindEntrance(paths, splitUrl(probeOf(path, {}).url), undefined);
  return "path" in found && found.path === path ? {} : { frontend: path.proxy.name };
}

function wantedBy(layer: HaproxyLayer, proxy: HaproxyProxy): readonly Wanted[] {
  // The frontend itself, and every backend: a map may decide which of them it uses.
  const sections = [proxy, ...layer.wiring.proxies.filter(({ kind }) => kind === "backend")];
  const conditions = sections.flatMap((section) => conditionsOf(section));
  const mapped = [...layer.maps.values()].flatMap(({ kind, text }) =>
    kind === "haproxy-map" ? keysOf(text).map(wantedByKey) : [],
  );
  const single = [...conditions, ...mapped];
  const hosts = [...new Set([UNKNOWN_HOST, ...single.flatMap(({ host }) => host ?? [])])];
  const [first = UNKNOWN_HOST] = hosts.filter((host) => host !== UNKNOWN_HOST);
  const whole = single.map((wanted) => ({ host: first, ...wanted }));
  const elsewhere = single.filter(({ host }) => host === undefined);
  const crossed = spreadPairs(hosts, elsewhere, MOST).map(([host, wanted]) => ({ ...wanted, host }));
  const near = single.flatMap(({ path = "/", host = first }) => {
    const paths = path === "/" ? [] : [`${path.replace(/\/$/, "")}/any`, `${path}any`];
    return paths.map((one) => ({ host, path: one }));
  });
  return spread(
    [...hosts.map((host) => ({ host })), { host: `${first}:443` }, ...whole, ...crossed, ...near],
    MOST,
  );
}

function conditionsOf({ section, acls }: HaproxyProxy): readonly Wanted[] {
  const named = Map.groupBy(acls, ({ name }) => name);
  return section.lines.flatMap((line) => {
    const condition = readCondition(line);
    if (condition === undefined) return [];
    return condition.anyOf.flatMap((terms) => wantedByAll(terms.map((term) => choicesOf(term, named))));
  });
}

/** Of several patterns each is met once, together with the first of the others. */
function wantedByAll(choices: readonly (readonly Wanted[])[]): readonly Wanted[] {
  const most = Math.max(0, ...choices.map(({ length }) => length));
  return Array.from({ length: most }, (_, index) =>
    choices.reduce<Wanted>((wanted, options) => joined(wanted, options[index] ?? options[0] ?? {}), {}),
  );
}

/** A negated term is met by requesting nothing; other rules and unknown hosts cover how it is not met. */
function choicesOf(
  { name, test }: ConditionTerm,
  named: ReadonlyMap<string, HaproxyProxy["acls"]>,
): readonly Wanted[] {
  const tests = test === undefined ? named.get(name ?? "")?.map((acl) => acl.test) : [test];
  if (tests !== undefined) return tests.flatMap(wantedByTest);
  // A predefined ACL, as METH_POST (manual section 7.4).
  const [, method] = /^METH_([A-Z]+)$/.exec(name ?? "") ?? [];
  return method === undefined ? [] : [{ method }];
}

function joined(one: Wanted, other: Wanted): Wanted {
  return { ...one, ...other, headers: [...(one.headers ?? []), ...(other.headers ?? [])] };
}

function wantedByTest({ expression, fetch, method, patterns }: AclTest): readonly Wanted[] {
  const call = expression?.calls[0];
  const name = call?.name ?? fetch.value;
  const argument = call?.arguments[0]?.value.toLowerCase() ?? "";
  const [, base = name, suffix] = /^(.*?)(?:_(beg|end|reg|dom|dir|sub|str))?$/.exec(name) ?? [];
  const how = method ?? suffix ?? "";
  const values = patterns.map(({ value }) => value).filter((value) => !value.startsWith("-"));
  const someValues = values.length === 0 ? ["any"] : values;
  if (/^(?:req\.)?f?hdr(?:_ip|_val)?$/.test(base) && argument === "host")
    return values.map((value) => ({ host: matching(how, value, "") }));
  if (/^(?:req\.)?f?hdr/.test(base) && FRAMING.has(argument)) return [];
  if (/^(?:req\.)?f?hdr/.test(base) && argument !== "")
    return someValues.map((value) => ({ headers: [[argument, matching(how, value, "")]] }));
  if (/^(?:req\.)?cook/.test(base) && argument !== "")
    return someValues.map((value) => ({ headers: [["cookie", `${argument}=${value}`]] }));
  if (/^(?:path|pathq|url)$/.test(base))
    return values.map((value) => ({ path: asPath(matching(how, value, "/")) }));
  if (base === "base") return values.map((value) => wantedByKey(matching(how, value, "")));
  if (/^url_?p(?:aram)?$/.test(base) && argument !== "")
    return someValues.map((value) => ({ query: `${argument}=${value}` }));
  if (base === "method") return values.map((value) => ({ method: value }));
  if (base === "src") return boundsOf(values).map((from) => ({ from }));
  return [];
}

/** A text that a pattern matches by its match method (manual section 7.1.3). */
function matching(how: string, value: string, front: string): string {
  if (how === "reg") return sampleOrSelf(value);
  if (how === "end") return `${front}any${value}`;
  if (how === "dir") return `/${value.replace(/^\/|\/$/g, "")}/any`;
  return how === "beg" && value.endsWith(".") ? `${value}example.net` : value;
}

function sampleOrSelf(source: string): string {
  try {
    return samplesOf(source)[0] ?? source;
  } catch {
    // PCRE has features that JavaScript lacks.
    return source.replace(/[^\w./-]/g, "");
  }
}

function asPath(text: string): string {
  return text.startsWith("/") ? text : `/${text}`;
}

/** The first word of each line (manual section 7.1.1). */
function keysOf(text: string): readonly string[] {
  return spread(
    text.split("\n").flatMap((line) => (/^\s*#/.test(line) ? [] : (/\S+/.exec(line)?.[0] ?? []))),
    MOST,
  );
}

/** `app.example.com/api/` is host and path, `/api` a path, else a host. */
function wantedByKey(key: string): Wanted {
  const slash = key.indexOf("/");
  if (slash === -1) return { host: key };
  const path = key.slice(slash).replace(/[^!-~]/g, "");
  return slash === 0 ? { path } : { host: key.slice(0, slash), path };
}

function probeOf(trafficPath: TrafficPath, wanted: Wanted): Probe {
  const { host = UNKNOWN_HOST, path = "/", method = "GET", query, from, headers = [] } = wanted;
  const target = `${path}${query === undefined ? "" : `?${query}`}`;
  const internal = trafficPath.start === "service";
  const protocol = knownValue(trafficPath.listener?.protocol);
  const secure = protocol === "tls" || protocol === "https" || trafficPath.bind?.ssl === true;
  const scheme = secure ? "https" : "http";
  const port = trafficPath.port ?? DEFAULT_PORT[scheme];
  return {
    ...PLAIN_REQUEST,
    method,
    url: internal
      ? `http://${trafficPath.service?.name ?? "service"}:${port}${target}`
      : `${scheme}://${host.replace(/:\d+$/, "")}${portText(scheme, port)}${target}`,
    headers: internal || host.includes(":") ? [["Host", host], ...headers] : headers,
    through: internal ? "internal" : "public",
    from: from ?? null,
  };
}

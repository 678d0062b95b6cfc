// The target of a request: a described path in another spelling, or a similar path, with the route's parameters and others.
import fc from "fast-check";
import type { Plan } from "../../src/plan/plan.ts";
import type { PathMatch, RoutePlan } from "../../src/plan/site-plan.ts";
import { queryFor } from "./queries.ts";
import { witnessOf } from "./regexes.ts";

/** A path with a query; `otherForm` makes a target of another form of it. */
export function targetFor(plan: Plan, route: RoutePlan): fc.Arbitrary<string> {
  const paths = plan.sites.flatMap(({ routes }) => routes.map(({ match }) => pathOf(match.path)));
  const path = fc.oneof(
    { weight: 6, arbitrary: fc.constant(pathOf(route.match.path)) },
    { weight: 2, arbitrary: fc.constantFrom(...paths) },
    { weight: 1, arbitrary: fc.constantFrom("/", "/a", "/a/b", "/b", "/zzz", "/favicon.ico") },
  );
  return (
    fc
      .tuple(path, mutations, queryFor(plan, route))
      .map(([start, changes, query]) => `${changes.reduce((text, change) => change(text), start)}${query}`)
      // Trailing blanks belong to the request line, not to the target.
      .map((target) => target.replace(/[ \t]+$/, ""))
      .map((target) => Buffer.from(target).toString("latin1"))
  );
}

function pathOf({ kind, value }: PathMatch): string {
  return kind === "regex" ? witnessOf(value, "/a") : value;
}

export interface Formed {
  readonly method: string;
  readonly target: string;
}

/**
 * A target other than a path: a URL, `*`, or host and port of CONNECT, and invalid ones. `host` is the Host header. A URL without a
 * path is left out: HAProxy 2.6 sends the backend `/` for it, later versions a URL with the slash.
 */
export function otherForm({ method, target }: Formed, host: string): fc.Arbitrary<Formed> {
  const url = (origin: string) => ({ method, target: `${origin}${target}` });
  return fc.constantFrom<Formed>(
    url(`http://${host}`),
    url(`https://${host}`),
    url(`HTTP://${host}`),
    url(`ws://${host}`),
    url(`ftp://${host}`),
    url(`http://user@${host}`),
    url("http://"),
    url("http://other.example"),
    url(host),
    { method, target: `http://${host}?q` },
    { method, target: "*" },
    { method: "OPTIONS", target: "*" },
    { method, target: "*x" },
    { method, target: `${host}:80` },
    { method: "CONNECT", target: `${host}:443` },
    { method: "CONNECT", target: `${host}:80` },
    { method: "CONNECT", target: host },
    { method: "CONNECT", target },
    { method: "CONNECT", target: `${host}:80/a` },
  );
}

type Change = (path: string) => string;

const at = (path: string, place: number) => Math.floor((path.length * place) / 8);

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(
        "/x",
        "/",
        "x",
        "/a",
        "/b/c",
        "//",
        "/.",
        "/..",
        "/./a",
        "/../a",
        "/%2e%2e/b",
        "/%2E",
        "%2F",
        "%2f",
        "%61",
        "%zz",
        "%4",
        "%00",
        "é",
        "%C3%A9",
        "%c3%a9",
        '"',
        "|",
        "{",
        "^",
        "`",
        "\\",
        "<",
        "#",
        ";v=1",
        ",",
        "+",
        "..",
        "/...",
        "%25",
        "%20",
        "%5c",
        "%3B/x",
        "%0a",
        "%7F",
        "%252f",
        "%252E%252e/a",
        "..;/b",
        "/..%2Fb",
        "/;/b",
        "*",
      )
      .map((end) => (path: string) => `${path}${end}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(8), fc.constantFrom("/", "/.", "x", "%41", "./", "../", "%2F", "%2e", "/../", "//"))
      .map(
        ([place, text]) =>
          (path: string) =>
            `/${`${path.slice(0, at(path, place))}${text}${path.slice(at(path, place))}`.replace(/^\//, "")}`,
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(8), fc.boolean()).map(
      ([place, upper]) =>
        (path: string) =>
          encodedAt(path, 1 + at(path.slice(1), place), upper),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Change>(
      (path) => path.slice(0, -1) || "/",
      (path) => path.toUpperCase(),
      (path) => path.replace(/%../g, (encoded) => encoded.toLowerCase()),
      (path) => `/${path}`,
      (path) => `/.${path}`,
      (path) => `/x/..${path}`,
      (path) => `/..${path}`,
      (path) => path.replace(/\/[^/]*$/, "") || "/",
      (path) => path.replaceAll("/", "//"),
      (path) => path.replaceAll("/", "/./"),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(40).map(
      (draw): Change =>
        (path) =>
          draw === 0 ? `${path}/${"long".repeat(1500)}` : path,
    ),
  },
);

const mutations: fc.Arbitrary<readonly Change[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.array(change, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(change, { minLength: 2, maxLength: 3 }) },
);

function encodedAt(path: string, index: number, upper: boolean): string {
  const code = path.charCodeAt(index);
  if (Number.isNaN(code) || code > 0x7e) return path;
  const hex = code.toString(16).padStart(2, "0");
  return `${path.slice(0, index)}%${upper ? hex.toUpperCase() : hex}${path.slice(index + 1)}`;
}

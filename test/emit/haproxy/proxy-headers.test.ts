// Headers that only a proxy may set: those of a client do not reach a backend, in any spelling, unless the description trusts them.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLabOf } from "../../../src/lab/lab.ts";
import { REMOVED_HEADERS } from "../../../src/plan/proxy-headers.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { planned } from "../../model/planned.ts";

const plan = planned({
  public: {
    loadBalancer: "none",
    trustedHeaders: ["CF-Connecting-IP", "X-Forwarded-Port"],
    allow: ["127.0.0.0/8"],
  },
  internal: {},
  sites: [
    {
      host: "a.test",
      routes: [
        { to: "app" },
        { path: "/set", to: "app", requestHeaders: { set: { "X-Real-IP": "set", "X-Scheme": "set" } } },
        { path: "/cdn", header: { "cf-connecting-ip": { present: true } }, to: "api" },
        { path: "/cdn", header: { "x-real-ip": { present: true } }, to: "api" },
        { path: "/cdn", to: "app" },
      ],
    },
  ],
  backends: { app: { servers: ["10.0.0.7:8080"] }, api: { servers: ["10.0.0.8:8080"] } },
});
const [PUBLIC, INTERNAL] = [8080, 8081];

/** A load balancer that sets some of these headers, behind a CDN that sets others. */
const behindHttp = (trustedHeaders: string[]) =>
  planned({
    public: { loadBalancer: { kind: "http", sources: ["10.0.1.0/24"] }, trustedHeaders },
    internal: {},
    sites: [{ host: "a.test", routes: [{ to: "app" }] }],
    backends: { app: { servers: ["10.0.0.7:8080"] } },
  });

/** Each pattern as names, and each name with other separators: CGI maps them to one variable. */
const SPELLINGS = REMOVED_HEADERS.flatMap((pattern) => {
  const names = pattern.endsWith("*") ? [pattern.replace("*", ""), pattern.replace(/-?\*/, "-x")] : [pattern];
  return names
    .map((name) => name.replace(/-$/, "-any"))
    .flatMap((name) => [
      name,
      name.toUpperCase(),
      ...["_", ".", "~", "!"].map((to) => name.replaceAll("-", to)),
    ]);
}).filter((name) => !/^(cf-connecting-ip|x-forwarded-port)$/i.test(name));

const FORWARDED = [
  "X-Request-ID",
  "X-Hosts",
  "Client-ID",
  "Proxy-Authorization",
  "Upgrade-Insecure-Requests",
  "X_Custom",
];

test("docs/concepts/security.md names all of them, and no others", () => {
  const page = readFileSync(new URL("../../../docs/concepts/security.md", import.meta.url), "utf8");
  const [, part = ""] = /^### Headers that only a proxy may write$(.*?)^Then HAProxy sets/ms.exec(page) ?? [];
  const named = part
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .flatMap((line) => line.match(/`[^`]+`/g) ?? []);
  expect(named.map((name) => name.slice(1, -1).toLowerCase()).sort()).toEqual([...REMOVED_HEADERS].sort());
});

test.each([
  ["X-Forwarded-For", "`X-Forwarded-For` is a header that HAProxy always sets"],
  ["upgrade", "`upgrade` is a header that HAProxy always sets"],
  ["Connection", "`Connection` is a header that HAProxy always sets"],
  ["X-Request-ID", "`X-Request-ID` is a header that HAProxy does not remove"],
])("%s cannot be trusted", (name, what) => {
  const edge = () =>
    planned({ public: { trustedHeaders: [name] }, sites: [{ host: "a.test", routes: [{ to: "app" }] }] });
  expect(edge).toThrow(`invalid-value: ${what}`);
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLabOf(plan, { haproxy });
  });
  afterAll(() => lab.close());

  test("no spelling of their names reaches a backend; headers of clients do", async () => {
    // HAProxy accepts 101 headers per request (tune.http.maxhdr).
    for (let at = 0; at < SPELLINGS.length; at += 80) {
      const names = [...SPELLINGS.slice(at, at + 80), ...FORWARDED];
      const seen = await seenBy(
        lab,
        PUBLIC,
        `/?${at}`,
        names.map((name) => [name, "forged"]),
      );
      expect(seen.filter(([, value]) => value === "forged").map(([name]) => name)).toEqual(
        FORWARDED.map((name) => name.toLowerCase()),
      );
      expect(seen.filter(([name]) => /^x.forwarded/.test(name)).map(([name]) => name)).toEqual([
        "x-forwarded-for",
        "x-forwarded-proto",
      ]);
    }
  });

  test("a trusted header is not removed in its own spelling, at the public entrance only", async () => {
    const forged = ["CF-Connecting-IP", "CF_Connecting_IP", "X-Forwarded-Port", "X-Real-IP"].map(
      (name) => [name, "cdn"] as const,
    );
    const forwarded = async (port: number) =>
      (await seenBy(lab, port, `/?${port}`, forged))
        .filter(([, value]) => value === "cdn")
        .map(([name]) => name);
    expect([await forwarded(PUBLIC), await forwarded(INTERNAL)]).toEqual([
      ["cf-connecting-ip", "x-forwarded-port"],
      [],
    ]);
  });

  test("routes match the remaining headers, and can set any header", async () => {
    const backend = async (name: string) =>
      (await lab.request("http://a.test/cdn", { headers: { [name]: "192.0.2.1" } })).backend;
    expect([await backend("CF-Connecting-IP"), await backend("X-Real-IP")]).toEqual(["api", "app"]);
    const seen = await seenBy(lab, PUBLIC, "/set", [
      ["x_real_ip", "forged"],
      ["X-Scheme", "forged"],
    ]);
    expect(seen.filter(([name]) => /^x.(real|scheme)/.test(name))).toEqual([
      ["x-real-ip", "set"],
      ["x-scheme", "set"],
    ]);
  });

  test.each([
    { trusted: ["X-Forwarded-Host"], forwarded: ["x-forwarded-host"] },
    { trusted: ["X-Forwarded-Port", "X-Real-IP"], forwarded: ["x-forwarded-port", "x-real-ip"] },
    { trusted: ["X-Real-IP"], forwarded: ["x-real-ip"] },
  ])(
    "behind kind http, $trusted are not removed at the public entrance only",
    async ({ trusted, forwarded }) => {
      const behind = await openLabOf(behindHttp(trusted), { haproxy });
      try {
        const sent = Object.fromEntries(
          ["X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Server", "X-Real-IP"]
            .flatMap((name) => [name, name.replaceAll("-", "_")])
            .map((name) => [name, "sent"]),
        );
        const arrived = async (through: "public" | "internal") => {
          await behind.request("http://a.test/", { headers: sent, through });
          const headers = behind.backends("app")[0]?.seen.at(-1)?.headers ?? [];
          expect(headers.filter(([name]) => name.toLowerCase() === "x-forwarded-for")).toHaveLength(1);
          // The load balancer writes X-Forwarded-Port itself.
          return headers
            .map(([name]) => name.toLowerCase())
            .filter((name) => /^x.(forwarded.(host|port|server)|real.ip)$/.test(name))
            .sort();
        };
        expect([await arrived("public"), await arrived("internal")]).toEqual([forwarded, []]);
      } finally {
        await behind.close();
      }
    },
  );
});

/** The headers that a backend got, names in lower case. */
async function seenBy(
  lab: Lab,
  port: number,
  target: string,
  headers: readonly (readonly [string, string])[],
): Promise<readonly (readonly [string, string])[]> {
  const bind = lab.places.bind(port);
  const socket = connect(bind);
  const lines = [["Host", "a.test"] as const, ...headers, ["Connection", "close"] as const];
  socket.write(
    `GET ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
  );
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  expect(text).toMatch(/^HTTP\/1.1 200 /);
  const seen = lab.backends("app")[0]?.seen.findLast((request) => request.target === target)?.headers ?? [];
  return seen.map(([name, value]) => [name.toLowerCase(), value] as const);
}

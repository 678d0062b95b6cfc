// Texts that appear in traffic arrive byte for byte: real requests through the lab, on every installed HAProxy.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsePath } from "../../src/description/path.ts";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import type { LabAnswer, LabRequestOptions } from "../../src/lab/send.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { render } from "./rendered.ts";
import { PIECES, shown } from "./texts.ts";

const SITE = "http://main.example.com";
const PASSWORD = `p'"#%[src]\${HOME}$HOME\\{}!;|*,()é😀`;
const PAGE = PIECES.filter((piece) => piece.length < 100 && piece.isWellFormed()).join("");

/** One text in one field: its route, the request that shows it, and where. */
interface Case {
  readonly field: string;
  readonly text: string;
  readonly route: (at: string) => object;
  readonly ask: (at: string) => { readonly path: string; readonly options?: LabRequestOptions };
  readonly show: (answer: LabAnswer) => unknown;
  readonly expected: unknown;
}

/** A client cannot send line breaks in a header, and a copy of a longer value does not fit the buffer. */
const sendable = (text: string) =>
  text
    .replace(/[\0-\x1f\x7f]/g, "")
    .slice(0, 4000)
    .trim();
const bytes = (text: string) => Buffer.from(text).toString("latin1");
const header = (headers: readonly (readonly [string, string])[] | undefined, name: string) =>
  (headers ?? []).filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
const normal = (text: string) => {
  const outcome = parsePath(text);
  return "path" in outcome ? outcome.path : "";
};

function casesOf(piece: string): readonly Case[] {
  const text = `v${piece}`;
  const written = text.replaceAll("{", "{{");
  const path = `/x${piece}`;
  const plain = (at: string) => ({ path: at });
  return [
    {
      field: "requestHeaders.set",
      text,
      route: (at) => ({ path: at, to: "app", requestHeaders: { set: { "x-v": written } } }),
      ask: plain,
      show: ({ seen }) => header(seen?.headers, "x-v"),
      expected: [bytes(text)],
    },
    {
      field: "requestHeaders.add",
      text,
      route: (at) => ({ path: at, to: "app", requestHeaders: { add: { "x-v": written } } }),
      ask: plain,
      show: ({ seen }) => header(seen?.headers, "x-v"),
      expected: [bytes(text)],
    },
    {
      field: "responseHeaders.set",
      text,
      route: (at) => ({ path: at, to: "app", responseHeaders: { set: { "x-v": written } } }),
      ask: plain,
      show: ({ headers }) => header(headers, "x-v"),
      expected: [bytes(text)],
    },
    {
      field: "responseHeaders.add",
      text,
      route: (at) => ({ path: at, respond: { status: 204 }, responseHeaders: { add: { "x-v": written } } }),
      ask: plain,
      show: ({ headers }) => header(headers, "x-v"),
      expected: [bytes(text)],
    },
    {
      field: "requestHeaders.setIfAbsent",
      text,
      route: (at) => ({ path: at, to: "app", requestHeaders: { setIfAbsent: { "x-v": written } } }),
      ask: plain,
      show: ({ seen }) => header(seen?.headers, "x-v"),
      expected: [bytes(text)],
    },
    {
      field: "responseHeaders.setIfAbsent",
      text,
      route: (at) => ({
        path: at,
        to: "app",
        responseHeaders: { setIfAbsent: { "x-v": written }, responsesFrom: "servers" },
      }),
      ask: plain,
      show: ({ headers }) => header(headers, "x-v"),
      expected: [bytes(text)],
    },
    {
      field: "{header.NAME} in requestHeaders",
      text,
      route: (at) => ({ path: at, to: "app", requestHeaders: { set: { "x-v": "{header.x-w}" } } }),
      ask: (at) => ({ path: at, options: { headers: { "x-w": sendable(text) } } }),
      show: ({ seen }) => header(seen?.headers, "x-v"),
      expected: [bytes(sendable(text))],
    },
    {
      field: "{header.NAME} in responseHeaders",
      text,
      route: (at) => ({
        path: at,
        respond: { status: 204 },
        responseHeaders: { add: { "x-v": "{header.x-w}" } },
      }),
      ask: (at) => ({ path: at, options: { headers: { "x-w": sendable(text) } } }),
      show: ({ headers }) => header(headers, "x-v"),
      expected: [bytes(sendable(text))],
    },
    {
      field: "header",
      text,
      route: (at) => ({ path: at, header: { "x-v": text }, to: "app" }),
      ask: (at) => ({ path: at, options: { headers: { "x-v": text } } }),
      show: ({ backend }) => backend,
      expected: "app",
    },
    {
      field: "header, another value",
      text,
      route: (at) => ({ path: at, header: { "x-v": text }, to: "app" }),
      ask: (at) => ({ path: at, options: { headers: { "x-v": `${text}.` } } }),
      show: ({ status }) => status,
      expected: 404,
    },
    {
      field: "query",
      text,
      route: (at) => ({ path: at, query: { q: text }, to: "app" }),
      ask: (at) => ({ path: `${at}?q=${encodeURIComponent(text)}` }),
      show: ({ backend }) => backend,
      expected: "app",
    },
    {
      field: "redirect.to",
      text: path,
      route: (at) => ({ path: at, redirect: { to: path } }),
      ask: plain,
      show: ({ location }) => location,
      expected: path.replace(/[^\x21-\x7e]+/g, (one) => (one.isWellFormed() ? encodeURIComponent(one) : "")),
    },
    {
      field: "redirect.path",
      text: path,
      route: (at) => ({ path: at, redirect: { path } }),
      ask: (at) => ({ path: `${at}?a=b` }),
      show: ({ location }) => location,
      expected: `${normal(path)}?a=b`,
    },
    {
      field: "redirect.prefix",
      text: path,
      route: (at) => ({ path: at, redirect: { prefix: path } }),
      ask: (at) => ({ path: `${at}/y` }),
      show: ({ location }) => location,
      expected: `${normal(path).replace(/\/$/, "")}/y`,
    },
    {
      field: "rewrite.path",
      text: path,
      route: (at) => ({ path: at, to: "app", rewrite: { path } }),
      ask: plain,
      show: ({ seen }) => seen?.target,
      expected: normal(path),
    },
    {
      field: "rewrite.prefix",
      text: path,
      route: (at) => ({ path: at, to: "app", rewrite: { prefix: path } }),
      ask: (at) => ({ path: `${at}/y` }),
      show: ({ seen }) => seen?.target,
      expected: `${normal(path).replace(/\/$/, "")}/y`,
    },
    {
      field: "respond.body",
      text,
      route: (at) => ({ path: at, respond: { status: 200, body: text } }),
      ask: plain,
      show: ({ body }) => body,
      expected: text,
    },
    {
      field: "respond.contentType",
      text,
      route: (at) => ({ path: at, respond: { status: 200, body: "x", contentType: text } }),
      ask: plain,
      show: ({ headers }) => header(headers, "content-type"),
      expected: [bytes(text)],
    },
    {
      field: "path",
      text: path,
      route: (at) => ({ path: `${at}${path}`, to: "app" }),
      ask: (at) => ({ path: normal(`${at}${path}`) }),
      show: ({ backend, seen }) => [backend, seen?.target],
      expected: undefined,
    },
    {
      field: "path.exact",
      text: path,
      route: (at) => ({ path: { exact: `${at}${path}` }, to: "app" }),
      ask: (at) => ({ path: normal(`${at}${path}`) }),
      show: ({ backend }) => backend,
      expected: "app",
    },
  ];
}

function edgeOf(routes: readonly object[]): object {
  return {
    edge: "traffic",
    public: { loadBalancer: "none", allow: ["203.0.113.0/24", "127.0.0.0/8"] },
    internal: {},
    sites: [
      {
        host: "main.example.com",
        ambiguousPaths: "allow",
        routes: [{ path: "/denied", to: "app", deny: ["0.0.0.0/0"] }, ...routes],
      },
    ],
    backends: { app: { servers: ["10.0.0.7:8080"] } },
    errorPages: { 404: `404${PAGE}`, 403: `403${PAGE}` },
    stats: { user: { name: "u'#", password: PASSWORD } },
    limits: { maxConnections: 500 },
    haproxy: { threads: 1 },
  };
}

const cases = PIECES.flatMap(casesOf)
  .filter((one) => !("refused" in render(edgeOf([one.route("/r")]))))
  .map((one, index) => ({ ...one, at: `/r${index}` }));

test("most texts are accepted in some field that appears in traffic", () => {
  expect(new Set(cases.map(({ field }) => field)).size).toBe(casesOf("").length);
  expect(cases.length).toBeGreaterThan(500);
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  const log: string[] = [];
  const allLogged = Promise.withResolvers<void>();
  let lab: Lab;
  let answers: readonly LabAnswer[];

  beforeAll(async () => {
    const outcome = render(edgeOf(cases.map(({ route, at }) => route(at))));
    if ("refused" in outcome) throw new Error(JSON.stringify(outcome.refused[0]));
    const onLog = (line: string) => {
      log.push(line);
      if (log.length === cases.length) allLogged.resolve();
    };
    lab = await openLabOf(outcome.plan, { haproxy, onLog });
    answers = await askAll(lab);
  });
  afterAll(() => lab.close());

  test("every text arrives byte for byte", () => {
    const wrong = cases.flatMap(({ field, text, at, ask, show, expected }, index) => {
      const answer = answers[index];
      const want = field === "path" ? ["app", ask(at).path] : expected;
      const got = answer === undefined ? undefined : show(answer);
      return JSON.stringify(got) === JSON.stringify(want)
        ? []
        : [
            `${field}: ${shown(text)}: expected ${shown(JSON.stringify(want))}, got ${shown(JSON.stringify(got) ?? "nothing")}, status ${answer?.status} ${answer?.refused ?? ""}`,
          ];
    });
    expect(wrong).toEqual([]);
  });

  test("error pages are sent unchanged", async () => {
    const [missing, denied] = await Promise.all([
      lab.request(`${SITE}/nowhere`),
      lab.request(`${SITE}/denied`),
    ]);
    expect([missing.status, missing.body]).toEqual([404, `404${PAGE}`]);
    expect([denied.status, denied.body]).toEqual([403, `403${PAGE}`]);
  });

  test("the password of the stats page is the one described", async () => {
    const ask = (password: string) =>
      lab.request("http://main.example.com:8404/", {
        through: "internal",
        headers: { authorization: `Basic ${Buffer.from(`u'#:${password}`).toString("base64")}` },
      });
    expect((await ask(PASSWORD)).status).toBe(200);
    expect((await ask(`${PASSWORD}x`)).status).toBe(401);
  });

  test("the log has one JSON line per request, with unchanged route and path", async () => {
    await allLogged.promise;
    const lines = log.map(
      (line) =>
        JSON.parse(line) as { readonly route: string; readonly path: string; readonly status: number },
    );
    // The log has a route's name, or its host and path: what is before the `#`.
    const ids = new Set(lab.plan.sites.flatMap(({ routes }) => routes.map(({ id }) => id.split("#")[0])));
    const logged = new Map(lines.map(({ path, route }) => [path.slice(0, 1000), route]));
    for (const { ask, at, expected } of cases) {
      // HAProxy logs 1024 bytes of a request line (manual section 3.2, tune.http.logurilen).
      const path = ask(at).path.slice(0, 1000);
      expect(logged.has(path), shown(path)).toBe(true);
      if (expected !== 404)
        expect(ids.has(logged.get(path) ?? ""), `${shown(path)}: ${shown(String(logged.get(path)))}`).toBe(
          true,
        );
    }
  });
});

/** Several in parallel, as many as a browser would. */
async function askAll(lab: Lab): Promise<readonly LabAnswer[]> {
  const answers: LabAnswer[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < cases.length; index = next++) {
      const one = cases[index];
      if (one === undefined) return;
      const { path, options } = one.ask(one.at);
      answers[index] = await lab.request(`${SITE}${path}`, options);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return answers;
}

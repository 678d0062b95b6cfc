// A sample of the attacks of `npm run security`, on Node's own server behind the rendered edge, on every installed HAProxy.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KINDS } from "../../security/bypass/attacks/attack.ts";
import { ATTACKS, attackAll } from "../../security/bypass/campaign.ts";
import { checkControls } from "../../security/bypass/controls.ts";
import { type Edge, guardedPlan, startEdge } from "../../security/bypass/edge.ts";
import { breachOf, loggedRuns } from "../../security/bypass/judge.ts";
import { type HandlerRun, type RunningServer, startServer } from "../../security/bypass/running-server.ts";
import { nodeHttp } from "../../security/bypass/servers.ts";
import { claimNetwork } from "../../src/lab/network.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

/** Every eighth attack of each kind, and at least ten. */
const SAMPLE = KINDS.flatMap((kind) => {
  const own = ATTACKS.filter((attack) => attack.kind === kind);
  return own.filter((_, index) => index % Math.max(1, Math.min(8, Math.floor(own.length / 10))) === 0);
});

const haproxies = await findAllHaproxies();
const network = await claimNetwork();
const folder = mkdtempSync(join(tmpdir(), "portico-bypass-"));
let server: RunningServer;

beforeAll(async () => {
  server = await startServer(nodeHttp, { ...(await network.listenAt(1)), tools: folder, folder });
});

afterAll(async () => {
  await server.stop();
  await network.release();
  rmSync(folder, { recursive: true, force: true });
});

test("sent directly to the server, attacks of every kind in HTTP/1 succeed", async () => {
  const { tallies } = await attackAll({ server }, SAMPLE);
  for (const kind of KINDS)
    if (kind !== "HTTP/2") expect(tallies[kind].through + tallies[kind].left, kind).toBeGreaterThan(0);
});

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  let edge: Edge;
  beforeAll(async () => {
    const backend = `${server.host}:${server.port}`;
    const at = { haproxy, backend, host: network.address(2), folder: join(folder, haproxy.branch) };
    edge = await startEdge(await guardedPlan(), at);
  });
  afterAll(() => edge.stop());

  test("plain requests are answered or refused as described", async () => {
    expect(await checkControls(server, edge)).toEqual([]);
  });

  test("no attack succeeds", async () => {
    const { tallies, failures } = await attackAll({ server, edge }, SAMPLE);
    expect(failures).toEqual([]);
    for (const kind of KINDS) expect(tallies[kind].sent).toBeGreaterThanOrEqual(10);
  });
});

describe("classification of breaches", () => {
  const behind = { client: "127.0.0.1", branch: "3.2" };
  const ordinary: HandlerRun = {
    handler: "any",
    method: "GET",
    path: "/any",
    query: "case=n000001",
    host: "app.example.com",
    headers: [["X-Forwarded-For", "127.0.0.1"]],
    body: 0,
  };
  const headers = (name: string, value: string): HandlerRun["headers"] => [
    ...ordinary.headers,
    [name, value],
  ];

  test("an ordinary request is not a breach", () => {
    expect(breachOf(ordinary, behind)).toBeUndefined();
    expect(breachOf({ ...ordinary, handler: "upload", body: 1_000 }, behind)).toBeUndefined();
    expect(breachOf({ ...ordinary, handler: "write", method: "HEAD" }, behind)).toBeUndefined();
  });

  test.each<[string, Partial<HandlerRun>]>([
    ["a restricted handler", { handler: "admin" }],
    ["a tunnel", { handler: "tunnel" }],
    ["a smuggled request", { query: "smuggled=yes&case=n000001" }],
    ["a denied method", { handler: "write", method: "POST" }],
    ["a body above maxBody", { handler: "upload", body: 1_001 }],
    ["the denied host", { host: "ADMIN.example.com.:80" }],
    ["a host with userinfo", { host: "app.example.com:@admin.example.com" }],
    ["a host with an invalid port", { host: "app.example.com:x" }],
    ["an identity header", { headers: headers("X-Real-IP", "6.6.6.6") }],
    ["an identity header in CGI's spelling", { headers: headers("X_Forwarded_For", "6.6.6.6") }],
    ["no X-Forwarded-For", { headers: [] }],
    ["a Connection that drops X-Forwarded-For", { headers: headers("Connection", "close, X-Forwarded-For") }],
  ])("%s is a breach", (_, changed) => {
    expect(breachOf({ ...ordinary, ...changed }, behind)).toBeTypeOf("string");
  });

  test("a request that HAProxy itself answers reached no handler; one on a connection that closed early may have", () => {
    const line = { status: 203, server: "app-1", end: "--", retries: "0" };
    expect(loggedRuns([line, { ...line, server: "<NOSRV>" }])).toEqual({ least: 1, most: 1 });
    expect(loggedRuns([{ ...line, status: 502, end: "SH" }])).toEqual({ least: 0, most: 1 });
    expect(loggedRuns([{ ...line, status: 400 }])).toEqual({ least: 0, most: 0 });
  });
});

// Sends the requests to a HAProxy on loopback, and puts the outcome of each in one line.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Haproxy } from "../../../src/haproxy/find.ts";
import { HaproxyProcess } from "../../../src/haproxy/process.ts";
import { LabClient } from "../../../src/lab/http/client.ts";
import { headerValue } from "../../../src/lab/http/message.ts";
import { openLabOf } from "../../../src/lab/lab.ts";
import { claimNetwork, type Endpoint } from "../../../src/lab/network.ts";
import { rewriteForLab } from "../../../src/lab/rewrite.ts";
import { type Backend, openBackend } from "../../../src/lab/stubs/backend.ts";
import { EXCHANGE_HEADER } from "../../../src/lab/stubs/exchange-log.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import {
  type HaproxyConfig,
  parseHaproxyConfig,
  printHaproxyConfig,
} from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { type OriginalRequest, originalRequests } from "./requests.ts";

/** By the request's name: `301 → https://…`, `200 from app: GET /a host …`, `no answer`. */
export type Outcomes = Readonly<Record<string, string>>;

export async function runRendered(plan: Plan, haproxy: Haproxy): Promise<Outcomes> {
  const lab = await openLabOf(plan, { haproxy });
  try {
    const [backend] = lab.backends("app");
    if (backend === undefined) throw new Error("the example has no backend app");
    return await runAll((port) => lab.places.bind(port), backend, lab.places.from("inside"));
  } finally {
    await lab.close();
  }
}

/** The configuration, except for addresses, paths, and settings that need root. */
export async function runOriginal(original: HaproxyConfig, haproxy: Haproxy): Promise<Outcomes> {
  const network = await claimNetwork();
  const folder = mkdtempSync(join(tmpdir(), "portico-original-"));
  const backend = await openBackend({ name: "app", listen: await network.listenAt(10) });
  try {
    const bind = (port: number): Endpoint => ({ host: network.address(1), port });
    const configFile = join(folder, "haproxy.cfg");
    writeFileSync(configFile, printHaproxyConfig(onLoopback(original, bind, backend.endpoint, folder)));
    const running = await HaproxyProcess.start({ haproxy, configFile, cwd: folder });
    try {
      return await runAll(bind, backend, network.address(4));
    } finally {
      await running.stop();
    }
  } finally {
    await backend.close();
    await network.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

export function readOriginal(text: string): HaproxyConfig {
  return parseHaproxyConfig(text, "haproxy.cfg");
}

/** `9000 accept-proxy`, in the order of the ports; sockets are left out. */
export function bindsOf(config: HaproxyConfig): readonly string[] {
  return readHaproxyWiring(config)
    .binds.filter(({ kind }) => kind === "proxy")
    .map(({ address, acceptProxy }) => `${address.ports?.from}${acceptProxy ? " accept-proxy" : ""}`)
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

export function onLoopback(
  original: HaproxyConfig,
  bind: (port: number) => Endpoint,
  server: Endpoint,
  folder: string,
): HaproxyConfig {
  const text = ({ host, port }: Endpoint) => `${host}:${port}`;
  return rewriteForLab(original, {
    bind: ({ address }) => (address.ports === undefined ? undefined : text(bind(address.ports.from))),
    server: () => text(server),
    log: () => `${bind(0).host}:514`,
    file: ({ path }) => join(folder, path.replaceAll("/", "-")),
    withoutRoot: true,
  });
}

async function runAll(bind: (port: number) => Endpoint, backend: Backend, from: string): Promise<Outcomes> {
  const client = new LabClient({ keepAlive: false });
  try {
    const outcomes: [string, string][] = [];
    for (const request of originalRequests)
      outcomes.push([request.name, await outcomeOf(client, request, bind(request.port), backend, from)]);
    return Object.fromEntries(outcomes);
  } finally {
    client.close();
  }
}

async function outcomeOf(
  client: LabClient,
  request: OriginalRequest,
  to: Endpoint,
  backend: Backend,
  from: string,
): Promise<string> {
  const { method, target, version, headers, body, preamble } = request;
  const answer = await client.request({
    to,
    localAddress: from,
    ...(preamble.length === 0 ? {} : { preamble: Buffer.from(preamble) }),
    method,
    target,
    httpVersion: version,
    headers,
    ...(body === "" ? {} : { body: Buffer.from(body) }),
  });
  if (answer.failed !== undefined)
    return answer.failed === "timeout" ? "a response that never ends" : "no answer";
  const seen = backend.exchanges.take(headerValue(answer.headers, EXCHANGE_HEADER) ?? "");
  const location = headerValue(answer.headers, "location");
  if (seen === undefined) return `${answer.status}${location === undefined ? "" : ` → ${location}`}`;
  const header = (name: string) => headersNamed(seen.headers, name).replace(from, "the client");
  const parts = [`for ${header("x-forwarded-for")}`, `proto ${header("x-forwarded-proto")}`];
  return `${answer.status} from ${seen.backend}: ${seen.method} ${seen.target} host ${header("host")}, ${parts.join(", ")}, body ${JSON.stringify(seen.body.toString())}`;
}

function headersNamed(headers: readonly (readonly [string, string])[], name: string): string {
  const values = headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? "nobody" : values.join(" and ");
}

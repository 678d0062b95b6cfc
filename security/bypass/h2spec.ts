// h2spec against the rendered edge, and against HAProxy without it: only what the rendered file adds counts.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { planOf } from "../../bench/runnable.ts";
import { table } from "../../bench/table.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { HaproxyProcess } from "../../src/haproxy/process.ts";
import { labCertificate } from "../../src/lab/certificates.ts";
import type { LabNetwork } from "../../src/lab/network.ts";
import type { Result } from "../part.ts";
import type { Endpoint } from "./client.ts";
import { edgeFile, startEdge } from "./edge.ts";
import { startServer } from "./running-server.ts";
import { nodeHttp } from "./servers.ts";

export interface H2specTerms {
  readonly haproxies: readonly Haproxy[];
  readonly tools: string;
  readonly network: LabNetwork;
  readonly folder: string;
}

interface Conformance {
  readonly tests: number;
  /** Names of those that fail. */
  readonly failing: readonly string[];
}

export async function runH2spec({ haproxies, tools, network, folder }: H2specTerms): Promise<Result> {
  const server = await startServer(nodeHttp, { ...(await network.listenAt(99)), tools, folder });
  const backend = `${server.host}:${server.port}`;
  const rows: string[][] = [];
  const failures: string[] = [];
  try {
    for (const haproxy of haproxies) {
      const ground = {
        haproxy,
        tools,
        backend,
        host: network.address(98),
        folder: join(folder, haproxy.branch),
      };
      const rendered = await onRendered(ground);
      const plain = await onPlain(ground);
      const added = rendered.failing.filter((name) => !plain.failing.includes(name));
      failures.push(...added.map((name) => `h2spec, HAProxy ${haproxy.version}: ${name} fails`));
      rows.push([
        haproxy.version,
        `${rendered.tests}`,
        `${plain.failing.length}`,
        `${rendered.failing.length}`,
        `${added.length}`,
      ]);
    }
  } finally {
    await server.stop();
  }
  const head = ["HAProxy", "tests", "fail without the rendered file", "fail with it", "of them added"];
  return { report: `h2spec over TLS:\n\n${table(head, rows)}`, failures };
}

interface Ground {
  readonly haproxy: Haproxy;
  readonly tools: string;
  readonly backend: string;
  readonly host: string;
  readonly folder: string;
}

/** h2spec names the address that it connects to as its host: the site is that of every host. */
async function onRendered(ground: Ground): Promise<Conformance> {
  const description = join(ground.folder, "..", "every-host.yaml");
  writeFileSync(description, readFileSync(edgeFile, "utf8").replace("host: app.example.com", 'host: "*"'));
  const edge = await startEdge(await planOf(description), ground);
  try {
    return await h2spec(edge.endpoints.http2, ground);
  } finally {
    await edge.stop();
  }
}

async function onPlain({ folder, host, backend, haproxy, tools }: Ground): Promise<Conformance> {
  const certificate = join(folder, "plain.pem");
  const configFile = join(folder, "plain.cfg");
  writeFileSync(certificate, labCertificate(["app.example.com"]).bundle, { mode: 0o600 });
  writeFileSync(configFile, plainConfig(host, certificate, backend));
  const plain = await HaproxyProcess.start({ haproxy, configFile });
  try {
    return await h2spec({ host, port: PLAIN_PORT, protocol: "HTTP/2" }, { folder, tools });
  } finally {
    await plain.stop();
  }
}

const PLAIN_PORT = 9443;

function plainConfig(host: string, certificate: string, backend: string): string {
  return `defaults
    mode http
    timeout client 30s
    timeout server 30s
    timeout connect 2s

listen plain
    bind ${host}:${PLAIN_PORT} ssl crt ${certificate} alpn h2,http/1.1
    server app ${backend}
`;
}

/** Its exit status is 1 when a test fails; the report names the test. */
async function h2spec(
  { host, port }: Endpoint,
  { folder, tools }: Pick<Ground, "folder" | "tools">,
): Promise<Conformance> {
  const report = join(folder, "h2spec.xml");
  const args = ["-h", host, "-p", `${port}`, "-t", "-k", "-P", "/any", "-j", report];
  await new Promise<void>((done) => {
    execFile(join(tools, "go/h2spec"), args, { timeout: 300_000, maxBuffer: 1 << 24 }, () => done());
  });
  const text = readFileSync(report, "utf8");
  const cases = [
    ...text.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g),
  ];
  if (cases.length < 100) throw new Error(`h2spec ran ${cases.length} tests against ${host}:${port}`);
  const failing = cases.filter(([, , , inside = ""]) => inside.includes("<failure"));
  return { tests: cases.length, failing: failing.map(([, section, name]) => `${section} ${name}`) };
}

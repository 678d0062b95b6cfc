// The part `bypass`: nothing bypasses the rendered edge, whatever application server is behind it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../../bench/table.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { claimNetwork, type LabNetwork } from "../../src/lab/network.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Part, Result, Terms } from "../part.ts";
import { KINDS, type Kind } from "./attacks/attack.ts";
import { ATTACKS, attackAll, type Outcome, type Tally } from "./campaign.ts";
import { checkControls } from "./controls.ts";
import { guardedPlan, startEdge } from "./edge.ts";
import { runH2spec } from "./h2spec.ts";
import { installServers } from "./install.ts";
import { startServer } from "./running-server.ts";
import { SERVERS, type Server } from "./servers.ts";

export const bypass: Part = {
  name: "bypass",
  about: `Application servers behind the edge of \`security/bypass/edge.yaml\`, attacked with ${ATTACKS.length} requests: no handler that the edge denies runs, HAProxy logs each request that a handler sees, and no handler sees a header with a forged client address.`,
  run,
};

/** Servers that are attacked at the same time. */
const AT_ONCE = 3;

interface Attacked {
  readonly server: Server;
  /** One for each HAProxy, in their order. */
  readonly behind: readonly Outcome[];
  readonly straight: Outcome;
}

async function run({ haproxies, tools, only, progress }: Terms): Promise<Result> {
  const servers = SERVERS.filter(({ name }) => name.includes(only));
  installServers([...new Set(servers.map(({ language }) => language))], tools, progress);
  const plan = await guardedPlan();
  const network = await claimNetwork();
  const folder = mkdtempSync(join(tmpdir(), "portico-security-"));
  const failures: Failures = new Map();
  try {
    const waiting = servers.map((server, index) => ({ server, index }));
    const attacked: Attacked[] = [];
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { server, index } = next;
        const began = performance.now();
        attacked[index] = await attackServer(server, index, {
          plan,
          haproxies,
          tools,
          network,
          folder,
          failures,
        });
        progress(`${server.name}: ${Math.round((performance.now() - began) / 1000)} s`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const conformance = await runH2spec({ haproxies, tools, network, folder: join(folder, "h2spec") });
    const report = `${reportOf(attacked, haproxies)}\n\n${conformance.report}`;
    return { report, failures: [...printed(failures), ...conformance.failures] };
  } finally {
    await network.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where each breach occurred: the same on most servers. */
type Failures = Map<string, (readonly [server: string, branch: string])[]>;

function printed(failures: Failures): readonly string[] {
  return [...failures].map(([failure, places]) => {
    const servers = Map.groupBy(places, ([server]) => server);
    const where = [...servers].map(
      ([server, on]) => `${server} on ${on.map(([, branch]) => branch).join(" ")}`,
    );
    return `${failure} (${where.join("; ")})`;
  });
}

interface Ground {
  readonly plan: Plan;
  readonly haproxies: readonly Haproxy[];
  readonly tools: string;
  readonly network: LabNetwork;
  readonly folder: string;
  readonly failures: Failures;
}

async function attackServer(server: Server, index: number, ground: Ground): Promise<Attacked> {
  const { plan, haproxies, tools, network, folder, failures } = ground;
  const own = join(folder, `server-${index}`);
  const running = await startServer(server, { ...(await network.listenAt(100 + index)), tools, folder: own });
  try {
    const behind: Outcome[] = [];
    for (const haproxy of haproxies) {
      const edge = await startEdge(plan, {
        haproxy,
        host: network.address(1 + index),
        folder: join(own, haproxy.branch),
        backend: `${running.host}:${running.port}`,
      });
      try {
        const controls = await checkControls(running, edge);
        const outcome = await attackAll({ server: running, edge });
        behind.push(outcome);
        for (const failure of [...controls, ...outcome.failures])
          failures.set(failure, [...(failures.get(failure) ?? []), [server.name, haproxy.branch]]);
      } finally {
        await edge.stop();
      }
    }
    return { server, behind, straight: await attackAll({ server: running }) };
  } finally {
    await running.stop();
  }
}

function reportOf(attacked: readonly Attacked[], haproxies: readonly Haproxy[]): string {
  const versions = haproxies.map(({ version }) => version).join(", ");
  const total = attacked
    .flatMap(({ behind }) => behind.map(({ tallies }) => sum(tallies, "sent")))
    .reduce((a, b) => a + b, 0);
  const count = (kind: Kind) =>
    Math.max(...attacked.flatMap(({ behind }) => behind.map(({ tallies }) => tallies[kind].sent)));
  const rows = attacked.map(({ server, behind }) => [
    server.name,
    ...KINDS.map((kind) => collapsed(behind.map(({ tallies }) => tallies[kind].through))),
    collapsed(behind.map(({ tallies }) => sum(tallies, "left"))),
  ]);
  const straight = attacked.map(({ server, straight: { tallies } }) => [
    server.name,
    ...KINDS.map((kind) =>
      tallies[kind].sent === 0 ? "–" : `${tallies[kind].through + tallies[kind].left}`,
    ),
  ]);
  return [
    `Got through the edge, HAProxy ${versions} (one number where they are equal); ${total} requests:`,
    table(["", ...KINDS.map((kind) => `${kind} (${count(kind)})`), "left to the application"], rows),
    "Got through when sent straight to the server:",
    table(["", ...KINDS], straight),
  ].join("\n\n");
}

function sum(tallies: Outcome["tallies"], field: keyof Tally): number {
  return KINDS.reduce((total, kind) => total + tallies[kind][field], 0);
}

function collapsed(counts: readonly number[]): string {
  return new Set(counts).size === 1 ? `${counts[0]}` : counts.join(" / ");
}

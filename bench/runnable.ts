// A rendered edge that runs on loopback: the files of emitHaproxy with other addresses and paths, every other byte unchanged.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadDescription } from "../src/description/load.ts";
import { emitHaproxy } from "../src/emit/haproxy/emit-haproxy.ts";
import { rewriteForLab } from "../src/lab/rewrite.ts";
import type { Plan } from "../src/plan/plan.ts";
import { planEdge } from "../src/plan/plan-edge.ts";
import { parseHaproxyConfig, printHaproxyConfig } from "../src/wiring/haproxy/config.ts";

export interface RunnableEdge {
  /** haproxy.cfg; maps and bodies are next to it. */
  readonly configFile: string;
  readonly folder: string;
}

export interface Location {
  readonly host: string;
  /** The target of every server: `address:port`. */
  readonly backend: string;
  /** PEM, for an edge that terminates TLS at HAProxy. */
  readonly certificate?: string;
}

const CERTIFICATE = "certificate.pem";

/** Reads and plans a description. Throws when it has an error, which is a defect of the benchmark. */
export async function planOf(file: string): Promise<Plan> {
  const { value, findings } = await loadDescription(file, { cwd: dirname(file) });
  const planned =
    value === undefined ? { value: undefined, findings } : planEdge(value.edge, value.positionOf);
  if (planned.value === undefined)
    throw new Error(`${file}: ${planned.findings.map(({ what }) => what).join("; ")}`);
  return planned.value;
}

/**
 * Writes the plan's HAProxy files into `folder`: it listens on `host` with the plan's ports, connects to `backend` for every server,
 * and trusts PROXY headers from loopback.
 */
export function writeRunnable(plan: Plan, folder: string, at: Location): RunnableEdge {
  mkdirSync(folder, { recursive: true });
  if (at.certificate !== undefined) writeFileSync(join(folder, CERTIFICATE), at.certificate, { mode: 0o600 });
  for (const { path, content } of emitHaproxy(plan)) {
    const file = join(folder, path.replace(/^haproxy\//, ""));
    writeFileSync(
      file,
      path.endsWith("/haproxy.cfg") ? onLoopback(content, path, { ...at, folder }) : content,
    );
  }
  return { configFile: join(folder, "haproxy.cfg"), folder };
}

function onLoopback(
  content: string,
  path: string,
  { host, backend, folder }: Location & { readonly folder: string },
): string {
  const rewritten = rewriteForLab(parseHaproxyConfig(content, path), {
    bind: ({ kind, address }) =>
      kind === "proxy" && address.ports !== undefined ? `${host}:${address.ports.from}` : undefined,
    server: () => backend,
    source: ({ decidesProxy }) => (decidesProxy ? "127.0.0.0/8" : undefined),
    file: ({ role }) => {
      if (role === "socket" || role === "pid") return join(folder, "admin.sock");
      return role === "certificate" ? join(folder, CERTIFICATE) : undefined;
    },
    withoutRoot: true,
  });
  return printHaproxyConfig(rewritten);
}

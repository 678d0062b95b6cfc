// A rendered edge that serves on loopback: the files of emitHaproxy, with other addresses and paths and every other byte as it was.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadDescription } from "../src/description/load.ts";
import { emitHaproxy } from "../src/emit/haproxy/emit-haproxy.ts";
import { rewriteForLab } from "../src/lab/rewrite.ts";
import type { Plan } from "../src/plan/plan.ts";
import { planEdge } from "../src/plan/plan-edge.ts";
import { parseHaproxyConfig, printHaproxyConfig } from "../src/wiring/haproxy/config.ts";

export interface Playable {
  /** haproxy.cfg; maps and bodies lie beside it. */
  readonly configFile: string;
  readonly folder: string;
}

/** Reads and plans a description. Throws when it has an error: the benchmark's own inputs are right. */
export async function planOf(file: string): Promise<Plan> {
  const { value, findings } = await loadDescription(file, { cwd: dirname(file) });
  const planned =
    value === undefined ? { value: undefined, findings } : planEdge(value.edge, value.positionOf);
  if (planned.value === undefined)
    throw new Error(`${file}: ${planned.findings.map(({ what }) => what).join("; ")}`);
  return planned.value;
}

/**
 * Writes the plan's HAProxy into `folder`, listening on `host` with the plan's ports, calling `backend` for every server
 * and believing PROXY headers from loopback.
 */
export function writePlayable(
  plan: Plan,
  folder: string,
  { host, backend }: { readonly host: string; readonly backend: string },
): Playable {
  mkdirSync(folder, { recursive: true });
  for (const { path, content } of emitHaproxy(plan)) {
    const file = join(folder, path.replace(/^haproxy\//, ""));
    writeFileSync(
      file,
      path.endsWith("/haproxy.cfg") ? onLoopback(content, path, { host, backend, folder }) : content,
    );
  }
  return { configFile: join(folder, "haproxy.cfg"), folder };
}

function onLoopback(
  content: string,
  path: string,
  { host, backend, folder }: { readonly host: string; readonly backend: string; readonly folder: string },
): string {
  const played = rewriteForLab(parseHaproxyConfig(content, path), {
    bind: ({ kind, address }) =>
      kind === "proxy" && address.ports !== undefined ? `${host}:${address.ports.from}` : undefined,
    server: () => backend,
    source: ({ decidesProxy }) => (decidesProxy ? "127.0.0.0/8" : undefined),
    file: ({ role, path: wanted }) => {
      if (role === "socket" || role === "pid") return join(folder, "admin.sock");
      return role === "certificate" && wanted.startsWith("/") ? join(folder, "certificate.pem") : undefined;
    },
    withoutRoot: true,
  });
  return printHaproxyConfig(played);
}

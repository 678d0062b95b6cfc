// HAProxy's own metrics from a pod: the state of servers, and its version.

export interface ServerState {
  readonly backend: string;
  readonly server: string;
  readonly up: boolean;
  /** HAProxy's state: `UP`, `DOWN`, `MAINT` without an address. */
  readonly state: string;
}

export interface PodMetrics {
  /** `3.0.11`; undefined where the metrics lack it. */
  readonly version: string | undefined;
  readonly servers: readonly ServerState[];
  readonly answers: ReadonlyMap<string, number>;
}

interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** States of a server that gets requests (HAProxy's exporter, haproxy_server_status). */
const SERVING = new Set(["UP", "NOLB", "no check"]);

/** Parses Prometheus' text format (prometheus.io, "Exposition formats"). */
export function readMetrics(text: string): PodMetrics {
  const samples = text.split("\n").flatMap((line) => sampleOf(line) ?? []);
  const servers = new Map<string, ServerState>();
  const answers = new Map<string, number>();
  let version: string | undefined;
  for (const { name, labels, value } of samples) {
    if (name === "haproxy_process_build_info")
      version = (labels.get("version") ?? "").split("-")[0] || undefined;
    if (name === "haproxy_server_status" && value === 1) {
      const backend = labels.get("proxy") ?? "";
      const server = labels.get("server") ?? "";
      const state = labels.get("state") ?? "";
      servers.set(`${backend}/${server}`, { backend, server, up: SERVING.has(state), state });
    }
    if (name === "haproxy_frontend_http_responses_total") {
      const code = labels.get("code") ?? "";
      answers.set(code, (answers.get(code) ?? 0) + value);
    }
  }
  return { version, servers: [...servers.values()], answers };
}

function sampleOf(line: string): Sample | undefined {
  const [, name, inside = "", value] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const labels = [...inside.matchAll(/([A-Za-z_]\w*)="((?:\\.|[^"\\])*)"/g)].map(
    ([, label = "", text = ""]) =>
      [label, text.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c))] as const,
  );
  return { name, labels: new Map(labels), value: Number(value) };
}

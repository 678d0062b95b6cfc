// Which backend got a request, from the JSON log lines of HAProxy's pods.
import { createInterface } from "node:readline";
import type { LoggedBackend, LoggedRequest } from "../lab/target-endpoints.ts";
import type { ClusterApi } from "./api.ts";
import { listPath } from "./objects.ts";
import { CONTAINER } from "./pods.ts";

export interface LogReader {
  readonly backendOf: (request: LoggedRequest, withinMs?: number) => Promise<LoggedBackend>;
  readonly close: () => void;
}

/** The fields that are used; the format is that of `logs.format: json`. */
interface LogLine {
  readonly client: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly backend: string;
  readonly server: string;
  readonly end: string;
}

/** Delay from HAProxy's stdout through the container runtime and the kubelet. */
const LINE_WITHIN_MS = 4_000;

/** Buffer size: a busy edge logs as many other requests in a few seconds. */
const MOST_KEPT = 20_000;

/** Follows the logs of all pods from now on. Rejects with ClusterFailure when one cannot be read. */
export async function readLogs(
  api: ClusterApi,
  namespace: string,
  pods: readonly string[],
): Promise<LogReader> {
  const ending = new AbortController();
  const lines: LogLine[] = [];
  let arrived = Promise.withResolvers<void>();
  const take = (text: string) => {
    const line = lineOf(text);
    if (line === undefined) return;
    lines.push(line);
    if (lines.length > MOST_KEPT) lines.shift();
    arrived.resolve();
    arrived = Promise.withResolvers();
  };
  try {
    await Promise.all(pods.map((pod) => follow(api, namespace, pod, take, ending.signal)));
  } catch (error) {
    ending.abort();
    throw error;
  }
  return {
    async backendOf(request, withinMs = LINE_WITHIN_MS) {
      let late = false;
      const over = Promise.withResolvers<void>();
      // A timer keeps the process alive: the logs may have ended, and nothing else is pending then.
      const timer = setTimeout(() => {
        late = true;
        over.resolve();
      }, withinMs);
      try {
        for (;;) {
          const at = lines.findIndex((line) => isAbout(line, request));
          const [line] = at === -1 ? [] : lines.splice(at, 1);
          if (line !== undefined) return { backend: answeredBy(line) };
          if (late) return { unknown: "HAProxy's log has no line about it" };
          await Promise.race([arrived.promise, over.promise]);
        }
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => ending.abort(),
  };
}

async function follow(
  api: ClusterApi,
  namespace: string,
  pod: string,
  take: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const path = `${listPath({ apiVersion: "v1", kind: "Pod" }, namespace)}/${pod}/log`;
  // From the end: an existing line is about another request.
  const stream = await api.stream(path, { container: CONTAINER, follow: "true", tailLines: "0" }, signal);
  // The pod or the cluster may go away: missing lines are reported for each request.
  stream.on("error", () => undefined);
  createInterface({ input: stream })
    .on("line", take)
    .on("error", () => undefined);
}

function lineOf(text: string): LogLine | undefined {
  const start = text.indexOf("{");
  if (start === -1) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(start));
    return typeof value === "object" && value !== null && "method" in value && "backend" in value
      ? (value as LogLine)
      : undefined;
  } catch {
    return undefined;
  }
}

function isAbout(line: LogLine, { method, host, target, client }: LoggedRequest): boolean {
  return (
    line.method === method &&
    line.path === target &&
    (line.host === host || line.host === "") &&
    (client === null || line.client === client)
  );
}

/**
 * HAProxy itself answers where no server was chosen, and where none was reachable: the second letter of the termination state is
 * C then (manual section 8.5).
 */
function answeredBy({ backend, server, end }: LogLine): string | null {
  if (server.startsWith("<") || backend.startsWith("<")) return null;
  return end[1] === "C" || end[1] === "Q" ? null : backend;
}

// Counters of a running HAProxy, read over its stats socket.
import { queryRuntime } from "../../src/haproxy/runtime-api.ts";

/** The fields of `show info` that Portico reads by name; all of them in `fields`. */
export interface RuntimeInfo {
  readonly version: string;
  readonly pid: number;
  readonly uptimeS: number;
  readonly maxConnections: number;
  readonly currentConnections: number;
  /** Connections since the start. */
  readonly connections: number;
  readonly requests: number;
  /** Log lines lost because their reader was too slow. */
  readonly droppedLogs: number;
  readonly fields: ReadonlyMap<string, string>;
}

/** A line of `show stat`: a frontend, a listener, a server or a backend. */
export interface RuntimeStat {
  readonly proxy: string;
  /** `FRONTEND`, `BACKEND`, or the name of the server or listener. */
  readonly name: string;
  /** "OPEN", "UP", "DOWN", "UP 1/2", "no check", "MAINT" … */
  readonly status: string;
  readonly currentSessions: number;
  readonly sessions: number;
  readonly fields: ReadonlyMap<string, string>;
}

export async function showInfo(socketPath: string): Promise<RuntimeInfo> {
  const lines = (await queryRuntime(socketPath, "show info"))
    .split("\n")
    .filter((line) => line.includes(": "));
  const fields = new Map(lines.map((line) => splitAt(line, ": ")));
  const number = (name: string) => Number(fields.get(name) ?? Number.NaN);
  return {
    version: fields.get("Version") ?? "",
    pid: number("Pid"),
    uptimeS: number("Uptime_sec"),
    maxConnections: number("Maxconn"),
    currentConnections: number("CurrConns"),
    connections: number("CumConns"),
    requests: number("CumReq"),
    droppedLogs: number("DroppedLogs"),
    fields,
  };
}

export async function showStat(socketPath: string): Promise<readonly RuntimeStat[]> {
  const answer = await queryRuntime(socketPath, "show stat");
  const [head = "", ...lines] = answer.split("\n").filter((line) => line !== "");
  const names = readCsvLine(head.replace(/^# /, ""));
  return lines.map((line) => {
    const values = readCsvLine(line);
    const fields = new Map(names.map((name, index) => [name, values[index] ?? ""]));
    const field = (name: string) => fields.get(name) ?? "";
    return {
      proxy: field("pxname"),
      name: field("svname"),
      status: field("status"),
      currentSessions: Number(field("scur")),
      sessions: Number(field("stot")),
      fields,
    };
  });
}

function splitAt(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return [line.slice(0, at), line.slice(at + separator.length)];
}

/** RFC 4180 without line breaks inside a field, which HAProxy does not write. */
function readCsvLine(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
  );
}

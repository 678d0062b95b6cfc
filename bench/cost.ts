// The cost of a request by part: groups of lines are removed from the rendered haproxy.cfg one after the other, and HAProxy's
// instructions per request are counted. Counts do not depend on the load of the machine; the kernel's share is not included.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import { portAnswers } from "./contender.ts";
import { type Ground, withGround } from "./ground.ts";
import { lean } from "./peers.ts";
import { planOf, writeRunnable } from "./runnable.ts";
import { table } from "./table.ts";

const VALGRIND = { command: "valgrind", in: "valgrind" };
const EXAMPLE = fileURLToPath(new URL("../examples/elb-classic/portico.yaml", import.meta.url));
const REQUEST =
  "GET /some/path/of/it HTTP/1.1\r\nHost: app.example.com\r\nUser-Agent: wrk\r\nAccept: */*\r\n\r\n";
/**
 * glibc copies large blocks with `rep movsb`, which Valgrind counts as one instruction per byte: the 16 KiB that retry-on copies
 * twice per request (stconn.c, TX_L7_RETRY) would count as much as the rest of the request. So glibc is told to copy in a loop.
 */
const TUNABLES = "glibc.cpu.x86_rep_movsb_threshold=1000000";
const WARM_UP = 100;
const COUNTED = 300;

/** In the order of removal: later groups use nothing of earlier ones. */
const GROUPS: readonly { readonly name: string; readonly lines: RegExp }[] = [
  { name: "JSON log", lines: /^\s*(log |log-format )/ },
  { name: "HSTS", lines: /Strict-Transport-Security/ },
  { name: "normal form of the path", lines: /normalize-uri [a-z]|txn\.odd/ },
  {
    name: "headers of proxies, Connection, unrequested upgrades",
    lines: /(del|add)-header|var\w*\(sess\.client\)|status 101/,
  },
  { name: "host, path and conditions to a route", lines: /set-var|txn\.route\) -m|deny_status 40[34]/ },
  { name: "copies for a retry", lines: /retry-on|disable-l7-retry/ },
];

export const cost: Benchmark = {
  name: "cost",
  about:
    "Instructions of HAProxy itself per request on a kept connection (valgrind --tool=callgrind), by group of lines; the last row is the minimal configuration",
  needs: [VALGRIND],
  run: ({ haproxy }) =>
    withGround(haproxy, async (ground) => {
      const plan = await planOf(EXAMPLE);
      const host = ground.network.address(110);
      const port = plan.listeners.find(({ name }) => name === "https")?.port.value ?? 0;
      const { configFile, folder } = writeRunnable(plan, join(ground.folder, "cost"), {
        host,
        backend: ground.backend,
      });
      let config = readFileSync(configFile, "utf8");
      const all = await instructions(ground, { configFile, folder, host, port });
      let left = all;
      const rows: (readonly string[])[] = [];
      for (const { name, lines } of GROUPS) {
        config = without(config, name, lines);
        writeFileSync(configFile, config);
        const now = await instructions(ground, { configFile, folder, host, port });
        rows.push([name, thousands(left - now), share(left - now, all)]);
        left = now;
      }
      const at = await ground.network.listenAt(111);
      const leanest = await instructions(ground, {
        configFile: ground.write("lean.cfg", lean(`${at.host}:${at.port}`, ground.backend)),
        folder,
        ...at,
      });
      rows.push(["timeouts, checks, options", thousands(left - leanest), share(left - leanest, all)]);
      rows.push(["the cost of the minimal configuration", thousands(leanest), share(leanest, all)]);
      rows.push(["all", thousands(all), ""]);
      return table(["", "instructions", "share"], rows);
    }),
};

function without(config: string, name: string, lines: RegExp): string {
  const kept = config.split("\n").filter((line) => !lines.test(line));
  if (kept.length === config.split("\n").length)
    throw new Error(`no line of the rendered configuration belongs to the group "${name}"`);
  const text = kept.join("\n");
  // Without routes, everything goes to one backend.
  return lines.test("set-var") ? text.replace(/use_backend %.*/g, "use_backend app") : text;
}

interface Counted {
  readonly configFile: string;
  readonly folder: string;
  readonly host: string;
  readonly port: number;
}

async function instructions(
  { haproxy, folder: place }: Ground,
  { configFile, folder, host, port }: Counted,
): Promise<number> {
  const out = join(place, `callgrind-${++counts}`);
  const child = spawn(
    VALGRIND.command,
    ["--tool=callgrind", `--callgrind-out-file=${out}`, haproxy, "-db", "-f", configFile],
    {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, GLIBC_TUNABLES: TUNABLES },
    },
  );
  const chunks: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  const ended = once(child, "exit");
  try {
    const up = await Promise.race([portAnswers(host, port).then(() => true), ended.then(() => false)]);
    if (!up) throw new Error(`HAProxy under valgrind exited: ${chunks.join("")}`);
    const socket = connect(port, host);
    socket.setNoDelay(true);
    socket.write("PROXY TCP4 203.0.113.7 203.0.113.80 40000 443\r\n");
    await ask(socket, WARM_UP);
    await control(child, "--zero");
    await ask(socket, COUNTED);
    await control(child, "--dump");
    socket.destroy();
  } finally {
    child.kill("SIGTERM");
    await ended.catch(() => undefined);
  }
  const dump = readdirSync(place).find((file) => file.startsWith(`callgrind-${counts}.`)) ?? "";
  const total = /^(?:summary|totals): (\d+)/m.exec(readFileSync(join(place, dump), "utf8"))?.[1];
  return Number(total) / COUNTED;
}

let counts = 0;

async function ask(socket: Socket, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    socket.write(REQUEST);
    let answer = "";
    do answer += String((await once(socket, "data"))[0]);
    while (
      !answer.includes("\r\n\r\n") ||
      answer.length < answer.indexOf("\r\n\r\n") + 4 + bodyLength(answer)
    );
    if (!answer.startsWith("HTTP/1.1 200 ")) throw new Error(`answered ${answer.split("\r\n")[0]}`);
  }
}

function bodyLength(answer: string): number {
  return Number(/^content-length: (\d+)/im.exec(answer)?.[1] ?? 0);
}

function control({ pid }: ChildProcess, what: "--zero" | "--dump"): Promise<unknown> {
  return promisify(execFile)("callgrind_control", [what, String(pid)]);
}

function thousands(count: number): string {
  return Math.round(count).toLocaleString("en");
}

function share(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(0)} %`;
}

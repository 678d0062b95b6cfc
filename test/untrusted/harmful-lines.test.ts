// Lines of untrusted files that load code, run programs, write files or open connections: HAProxy executes none of them, and each line is named.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkDescription } from "../../src/check/check-description.ts";
import { checkWithHaproxy } from "../../src/check/haproxy/check-with-haproxy.ts";
import { openLabOf } from "../../src/lab/lab.ts";
import { openLabOfLayers } from "../../src/lab/open-layers-lab.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { described, isOfHaproxy } from "../check/described.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const folder = mkdtempSync(join(tmpdir(), "portico-harm-"));
const marker = join(folder, "marker");
const kept = join(folder, "kept");
const received: string[] = [];
let udp: Socket;
let tcp: Server;
let udpPort = 0;
let tcpPort = 0;

beforeAll(async () => {
  writeFileSync(
    join(folder, "x.lua"),
    `io.open("${marker}", "w"):close()\ncore.register_action("act", {"http-req"}, function() end)\n`,
  );
  writeFileSync(join(folder, "x.sh"), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
  udp = createSocket("udp4").bind(0, "127.0.0.1");
  udp.on("message", (message) => received.push(message.toString()));
  tcp = createServer((socket) => {
    received.push(`connection to ${socket.localPort}`);
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await Promise.all([once(udp, "listening"), once(tcp, "listening")]);
  udpPort = udp.address().port;
  tcpPort = (tcp.address() as AddressInfo).port;
});

beforeEach(() => {
  writeFileSync(kept, "of the user");
  rmSync(marker, { force: true });
});

afterAll(() => {
  udp.close();
  tcp.close();
  rmSync(folder, { recursive: true, force: true });
});

function harmful(): string {
  return `global
  setenv KW lua-load
  setenv LOG log
  setenv SOCKET "stats socket"
  setenv FILE ${kept}
  "$KW" ${folder}/x.lua
  lua-load ${folder}/x.lua
  "$LOG" 127.0.0.1:${udpPort} local0
  "$SOCKET" ${kept}
  pidfile "$FILE"
  insecure-fork-wanted
  external-check
program evil
  command ${folder}/x.sh
ring r
  backing-file ${kept}
defaults
  mode http
  log global
  timeout connect 2s
  timeout client 5s
  timeout http-request 5s
  timeout server 5s
frontend web
  bind :8080
  bind "$FILE"
  http-request lua.act
  default_backend app
backend app
  option external-check
  external-check command ${folder}/x.sh
  server a 127.0.0.1:${tcpPort} check inter 50ms socks4 127.0.0.1:${tcpPort}
`;
}

const LEFT_OUT = [
  '6 "$KW"',
  "7 lua-load",
  '8 "$LOG"',
  '9 "$SOCKET"',
  "11 insecure-fork-wanted",
  "12 external-check",
  "13 program evil",
  "16 backing-file",
  "27 http-request lua.act",
  "30 option external-check",
  "31 external-check",
  "32 socks4",
];

function nothingHappened(): void {
  expect(existsSync(marker)).toBe(false);
  expect(readFileSync(kept, "utf8")).toBe("of the user");
  expect(received).toEqual([]);
}

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  const edge = () => {
    const yaml = `edge: shop
haproxy: { raw: ["lua-load ${folder}/x.lua"] }
sites: [{ host: shop.example.com, routes: [{ to: shop }] }]
backends: { shop: { servers: ["10.0.0.7:8080"] } }
`;
    return described(yaml);
  };
  const layers = async () => readWiring([{ file: "haproxy.cfg", text: harmful() }]);

  test("haproxy -c, of layers", async () => {
    const findings = await checkWithHaproxy(await layers(), haproxy);
    nothingHappened();
    const lines = findings
      .filter(({ code }) => code === "line-not-validated")
      .flatMap(({ at }) => at.map(({ line }) => line));
    expect(lines.toSorted((a, b) => a - b)).toEqual(LEFT_OUT.map((one) => Number.parseInt(one, 10)));
    expect(findings.filter(({ code }) => code !== "line-not-validated")).toEqual([]);
  });

  test("the lab of layers, which serves with the other lines", async () => {
    await using lab = await openLabOfLayers(await layers(), { haproxy });
    expect(lab.leftOut.map(({ line, words }) => `${line} ${words}`)).toEqual(LEFT_OUT);
    expect(await lab.request("http://app.example.com:8080/")).toMatchObject({ status: 200 });
    nothingHappened();
  });

  test("a description: check and lab", async () => {
    const { plan, description } = await edge();
    const findings = (await checkDescription(plan, description, { haproxy })).filter(isOfHaproxy);
    await using lab = await openLabOf(plan, { haproxy });
    nothingHappened();
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([["line-not-validated", "note"]]);
    expect(lab.leftOut.map(({ words }) => words)).toEqual(["lua-load"]);
  });

  test("with trust the same lines run", async () => {
    const { plan, description } = await edge();
    const findings = await checkDescription(plan, description, { haproxy, trust: true });
    // From 3.1 on HAProxy warns about every configuration with Lua that does not set this.
    const warned =
      Number.parseFloat(haproxy.version) >= 3.1 ? [expect.stringContaining("tune.lua.bool-sample")] : [];
    expect(findings.filter(isOfHaproxy).map(({ what }) => what)).toEqual(warned);
    expect(existsSync(marker)).toBe(true);
    rmSync(marker);
    await using lab = await openLabOf(plan, { haproxy, trust: true });
    expect([existsSync(marker), lab.leftOut]).toEqual([true, []]);
  });
});

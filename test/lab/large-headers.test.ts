// limits.maxHeader on a real HAProxy: headers of that size are read, larger ones get 400 or 431, and memory follows from the buffers.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { planned, site } from "../model/planned.ts";

const of = (limits: Edge["limits"] = {}) =>
  planned({
    public: { loadBalancer: "none" },
    limits: { maxConnections: 100, ...limits },
    sites: site([{ respond: { status: 204 } }]),
  });
const BYTES = 64 * 1024;

test("buffers and memory follow from the size", () => {
  const [small, large] = [of().limits, of({ maxHeader: "64KiB" }).limits];
  expect(small.bufferBytes).toBeNull();
  expect(large.bufferBytes?.value).toBe(BYTES + 2048);
  // 100 connections × 4 buffers × 50 KiB more: about 19 MiB.
  expect(large.memoryBytes.value - small.memoryBytes.value).toBeGreaterThanOrEqual(16 * 1024 * 1024);
});

test.each(["15kB", "2MiB"])("%s is refused", (maxHeader) => {
  expect(() => of({ maxHeader })).toThrow("15360B to 1MiB");
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLabOf(of({ maxHeader: "64KiB" }), { haproxy });
  });
  afterAll(() => lab.close());

  test("a request of exactly that size is answered, in 1 header or in 95", async () => {
    expect(await ask(lab, BYTES, 1)).toMatch(/^HTTP\/1.1 204 /);
    expect(await ask(lab, BYTES, 95)).toMatch(/^HTTP\/1.1 204 /);
  });

  test("a request larger than the buffer gets 400, from 3.2 on 431", async () => {
    expect(await ask(lab, BYTES + 4096, 1)).toMatch(/^HTTP\/1.1 (400|431) /);
  });
});

/** A request whose request line and headers have this many bytes, the empty line included. */
async function ask(lab: Lab, bytes: number, headers: number): Promise<string> {
  const { host, port } = lab.places.bind(8080);
  const front = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n";
  const each = Math.floor((bytes - front.length - 2) / headers);
  const lines = Array.from({ length: headers }, (_, index) => filler(`x-${index}`, each));
  const rest = bytes - front.length - 2 - each * headers;
  const text = `${front}${lines.join("")}`.replace(/\r\n$/, `${"b".repeat(rest)}\r\n\r\n`);
  const socket = connect({ host, port });
  socket.on("error", () => undefined);
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

function filler(name: string, bytes: number): string {
  return `${name}: ${"a".repeat(bytes - name.length - 4)}\r\n`;
}

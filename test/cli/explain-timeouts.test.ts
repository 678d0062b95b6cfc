// portico check --layers DIR --explain-timeouts: the idle times of every pair on the paths, and which side closes first.
import { describe, expect, test } from "vitest";
import { closesFirst, idleTimesOf } from "../../src/check/layers/idle-times.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { type Change, edgeWith } from "../check/layers/edge-with-servers.ts";
import { portico } from "./portico.ts";

describe("the idle times of an edge", () => {
  async function rows(...changes: readonly Change[]): Promise<readonly string[]> {
    const found = idleTimesOf(await readWiring(edgeWith(...changes)));
    return found.map((row) => {
      const limits = [row.before, row.after].map(({ ms, name }) => `${name} ${ms}`);
      return `${row.pair}, ${row.state}: ${limits.join(", ")}: ${closesFirst(row)}`;
    });
  }

  test("between requests, while a server responds, and in tunnels", async () => {
    expect(await rows()).toEqual([
      "client → load balancer, between requests:  undefined, idle timeout of aws_lb.edge 350000: undefined",
      "load balancer → HAProxy, between requests: idle timeout of aws_lb.edge 350000, timeout http-request 10000: after",
      "load balancer → HAProxy → api, waiting for a response: idle timeout of aws_lb.edge 350000, timeout server 30000: after",
      "load balancer → HAProxy → api, tunnel: idle timeout of aws_lb.edge 350000, timeout server 30000: after",
    ]);
  });

  test("timeout tunnel, and a load balancer that closes first", async () => {
    expect(await rows(["timeout connect 2s", "timeout connect 2s\n      timeout tunnel 1h"])).toContain(
      "load balancer → HAProxy → api, tunnel: idle timeout of aws_lb.edge 350000, timeout tunnel 3600000: before",
    );
  });

  test("a time that is not set", async () => {
    expect(await rows(["      timeout server 30s\n", ""])).toContain(
      "load balancer → HAProxy → api, waiting for a response: idle timeout of aws_lb.edge 350000, no timeout server undefined: undefined",
    );
  });
});

test("prints one table for each path, with the side that closes first in the first line", async () => {
  const { stdout } = await portico(["check", "--layers", "examples/hand-written", "--explain-timeouts"]);
  expect(stdout).toContain(`aws_elb.tracking port 80 → plain
  PAIR                           STATE                   CLOSES AFTER  SET BY
  client → load balancer         between requests        40s           idle timeout of aws_elb.tracking (examples/hand-written/elb.tf:14)
  load balancer → HAProxy        between requests        40s           idle timeout of aws_elb.tracking (examples/hand-written/elb.tf:14)
                                                         45s           timeout client (examples/hand-written/haproxy.cfg:26)
`);
});

test.each([
  { args: ["check", "--explain-timeouts"] },
  { args: ["check", "--layers", "examples/hand-written", "--explain-timeouts", "--json"] },
])("$args cannot be combined", async ({ args }) => {
  const { status, stderr } = await portico(args);
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining("--explain-timeouts prints a table about layers"),
  ]);
});

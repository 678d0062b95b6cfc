// A lab that fails to open leaves no process, no file and no network behind.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openLabOf, wiringOf } from "../../src/lab/lab.ts";
import { openLabOfLayers } from "../../src/lab/open-layers-lab.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

function planOf(): Plan {
  const { value } = planEdge({
    edge: "app",
    public: { loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] } },
    sites: [{ host: "app.example.com", routes: [{ to: "app" }] }],
    backends: { app: { servers: ["10.0.0.7:8080"] } },
  });
  if (value === undefined) throw new Error("no plan");
  return value;
}

/** The simulated load balancer fails when it reads its sources, which is after HAProxy's start. */
async function withBrokenLoadBalancer(): Promise<Wiring> {
  const wiring = await wiringOf(planOf());
  return {
    ...wiring,
    get securityGroups(): never {
      throw new Error("nothing is known of its security groups");
    },
  };
}

function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "portico-opening-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("HAProxy exits when the simulated load balancer cannot be opened", async () => {
    const folder = scratchFolder();
    // The real HAProxy; the end of a pipe that only its own processes hold shows that it has exited.
    const [path, pipe] = [join(folder, "haproxy"), join(folder, "witness")];
    execFileSync("mkfifo", [pipe]);
    writeFileSync(path, `#!/bin/sh\nexec '${haproxy.path}' "$@" >'${pipe}'\n`);
    chmodSync(path, 0o755);
    const gone = open(pipe, "r").then((file) => text(file.createReadStream()));
    vi.stubEnv("TMPDIR", join(folder, "tmp"));
    onTestFinished(() => void vi.unstubAllEnvs());
    execFileSync("mkdir", [join(folder, "tmp")]);
    await expect(
      openLabOfLayers(await withBrokenLoadBalancer(), { haproxy: { ...haproxy, path } }),
    ).rejects.toThrow("nothing is known of its security groups");
    await gone;
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });
});

test("the network is released when the folder cannot be created", async () => {
  const [haproxy] = await findAllHaproxies();
  if (haproxy === undefined) throw new Error("no HAProxy");
  vi.stubEnv("TMPDIR", join(scratchFolder(), "missing"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const servers = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap").length;
  const before = servers();
  await expect(openLabOf(planOf(), { haproxy })).rejects.toThrow("(there is no such file or folder)");
  expect(servers()).toBe(before);
});

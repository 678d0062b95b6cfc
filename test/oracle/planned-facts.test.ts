// The second opinion agrees with every rendered layer, and detects a changed value in any of them.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadDescription } from "../../src/description/load.ts";
import type { EmittedFile } from "../../src/emit/file.ts";
import { emitHaproxy } from "../../src/emit/haproxy/emit-haproxy.ts";
import { MOST_BYTES } from "../../src/emit/kubernetes/config-maps.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { exampleNames, planExample } from "../examples/examples.ts";
import { contradictions } from "./planned-facts.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

async function planIn(folder: string, file?: string): Promise<Plan | undefined> {
  const { value } = await loadDescription(file, { cwd: join(root, folder) });
  return value === undefined ? undefined : planEdge(value.edge, value.positionOf).value;
}

async function contradicted(plan: Plan, files: readonly EmittedFile[]) {
  const wiring = await readWiring(files.map(({ path, content }) => ({ file: path, text: content })));
  return contradictions(plan, wiring).map(({ what, at }) => `${at?.file}:${at?.line} ${what}`);
}

test.each(readdirSync(join(root, "test/golden")))("golden %s", async (name) => {
  const plan = await planIn(`test/golden/${name}`, "description.yaml");
  expect(plan === undefined ? [] : await contradicted(plan, emitLayers(plan))).toEqual([]);
});

test.each(exampleNames)("example %s", async (name) => {
  const plan = await planExample(name);
  expect(await contradicted(plan, emitLayers(plan))).toEqual([]);
});

describe("a configuration near the limit of a ConfigMap", () => {
  const lines = (bytes: number, character = "x") =>
    `${`# ${character.repeat(60)}\n`.repeat(Math.ceil(bytes / 60))}`.slice(0, bytes - 1).concat("\n");
  const cases: readonly (readonly [what: string, example: string, sizes: readonly number[]])[] = [
    ["one file of the maximum size", "elb-classic", [MOST_BYTES]],
    ["one file that is one byte larger: it is split and joined", "elb-classic", [MOST_BYTES + 1]],
    ["two files that fit in one ConfigMap each", "elb-classic", [MOST_BYTES - 1, MOST_BYTES]],
    ["three parts, next to certificates in a Secret", "service-google", [2 * MOST_BYTES + 1]],
  ];

  test.each(cases)("%s", async (_, example, sizes) => {
    const plan = await planIn(`examples/${example}`);
    if (plan === undefined) throw new Error("the example has no plan");
    const more = sizes.map((bytes, index) => ({
      path: `haproxy/more-${index}.map`,
      content: lines(bytes, index % 2 === 0 ? "x" : "\u0007"),
    }));
    const files = emitLayers(plan, { haproxy: [...emitHaproxy(plan), ...more] });
    expect(files.filter(({ path }) => /configmap/.test(path)).length).toBeGreaterThan(1);
    expect(await contradicted(plan, files)).toEqual([]);
  });

  test("the folder in which the parts are joined is found by its path", async () => {
    const plan = await planIn("examples/elb-classic");
    if (plan === undefined) throw new Error("the example has no plan");
    const map = { path: "haproxy/more.map", content: lines(MOST_BYTES + 1) };
    const files = emitLayers(plan, { haproxy: [...emitHaproxy(plan), map] }).map((one) =>
      one.path === "kubernetes/deployment.yaml"
        ? { ...one, content: one.content.replaceAll("mountPath: /etc/haproxy\n", "mountPath: /etc/other\n") }
        : one,
    );
    expect((await contradicted(plan, files)).join("\n")).toContain(
      "folder of the configuration: planned /etc/haproxy",
    );
  });
});

describe("one value changed in examples/elb-classic", () => {
  const changes: readonly (readonly [file: string, from: string | RegExp, to: string, told: string])[] = [
    [
      "cloud/main.tf",
      "instance_port     = 31000",
      "instance_port     = 31009",
      "node port of the load balancer's port 80: planned 31000, found 31009",
    ],
    [
      "cloud/main.tf",
      '["31000", "31001"]',
      '["31001"]',
      "PROXY protocol of the load balancer's port 80: planned v1, found none",
    ],
    [
      "cloud/main.tf",
      "connection_draining_timeout = 60",
      "connection_draining_timeout = 6",
      "seconds of draining: planned 60, found 6",
    ],
    [
      "kubernetes/service-public.yaml",
      "nodePort: 31001",
      "nodePort: 31002",
      "node port of the Service's port https: planned 31001, found 31002",
    ],
    [
      "kubernetes/deployment.yaml",
      "terminationGracePeriodSeconds: 75",
      "terminationGracePeriodSeconds: 30",
      "grace period in seconds: planned 75, found 30",
    ],
    [
      "kubernetes/deployment.yaml",
      "path: /ready",
      "path: /live",
      "path of the readiness probe: planned /ready, found /live",
    ],
    ["kubernetes/networkpolicy.yaml", "port: 8443", "port: 8444", "open ports of the NetworkPolicy"],
    [
      "image/Dockerfile",
      "STOPSIGNAL SIGUSR1",
      "STOPSIGNAL SIGTERM",
      "signal that stops the container: planned SIGUSR1, found SIGTERM",
    ],
  ];

  test.each(changes)("%s: %s", async (file, from, to, told) => {
    const plan = await planIn("examples/elb-classic");
    if (plan === undefined) throw new Error("the example has no plan");
    const files = emitLayers(plan).map((one) =>
      one.path === file ? { ...one, content: one.content.replace(from, to) } : one,
    );
    expect(files).not.toEqual(emitLayers(plan));
    const found = await contradicted(plan, files);
    expect(
      found.some((line) => line.startsWith(`${file}:`) && line.includes(told)),
      found.join("\n"),
    ).toBe(true);
  });
});

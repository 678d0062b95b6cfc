// Drift names the setting that differs, with both values, in whichever file the difference is written.
import { beforeAll, describe, expect, test } from "vitest";
import { type Described, describedIn } from "../../../src/check/drift/described.ts";
import { findDrift } from "../../../src/check/drift/drift.ts";
import type { EmittedFile } from "../../../src/emit/file.ts";
import { emitLayers } from "../../../src/emit/layers.ts";
import type { Finding } from "../../../src/findings/finding.ts";
import { planEdge } from "../../../src/plan/plan-edge.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";
import { loadExample } from "../../examples/examples.ts";
import { applyMutant } from "../../mutation/mutant.ts";
import { mutantsOf } from "../../mutation/mutants.ts";

let rendered: readonly EmittedFile[] = [];
let described: Described;

beforeAll(async () => {
  const description = await loadExample("elb-classic");
  const plan = planEdge(description.edge, description.positionOf).value;
  if (plan === undefined) throw new Error("the example has no plan");
  rendered = emitLayers(plan);
  described = describedIn(rendered, { file: "portico.yaml" });
});

/** Drift of the folder `out`; `more`: files next to the rendered ones. */
async function driftOf(
  files: readonly EmittedFile[],
  more: Readonly<Record<string, string>> = {},
): Promise<readonly Finding[]> {
  const wiring = await readWiring([
    ...files.map(({ path, content }) => ({ file: `out/${path}`, text: content })),
    ...Object.entries(more).map(([path, text]) => ({ file: `out/${path}`, text })),
  ]);
  const texts = new Map(files.map(({ path, content }) => [path, content]));
  return findDrift(rendered, { folder: "out", texts, extra: [] }, wiring, described);
}

function changed(path: string, change: (text: string) => string): readonly EmittedFile[] {
  const files = rendered.map((one) => (one.path === path ? { ...one, content: change(one.content) } : one));
  expect(files).not.toEqual(rendered);
  return files;
}

function texts(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, what, at: [at] }) => `${code} ${at?.file}:${at?.line} ${what}`);
}

test("rendered files have no drift", async () => {
  expect(await driftOf(rendered)).toEqual([]);
});

describe("a line that differs is shown with the name of its setting", () => {
  const cases: readonly (readonly [path: string, from: string | RegExp, to: string, named: string])[] = [
    ["cloud/main.tf", /idle_timeout( +)= /, "idle_timeout$1= 1", "`idleTimeoutS` of load balancer aws_elb."],
    [
      "cloud/main.tf",
      "connection_draining_timeout = 60",
      "connection_draining_timeout = 6",
      "`drainingS` of load balancer aws_elb.",
    ],
    [
      "kubernetes/service-public.yaml",
      "nodePort: 31001",
      "nodePort: 31002",
      "`spec.ports[https].nodePort` of Service ",
    ],
    [
      "kubernetes/deployment.yaml",
      "path: /ready",
      "path: /live",
      "`spec.template.spec.containers[haproxy].readinessProbe.httpGet.path` of Deployment ",
    ],
    [
      "kubernetes/deployment.yaml",
      /\n +failureThreshold: 60 .*/,
      "",
      "`spec.template.spec.containers[haproxy].startupProbe.failureThreshold` of Deployment ",
    ],
    [
      "kubernetes/networkpolicy.yaml",
      "port: 8443",
      "port: 8444",
      "`spec.ingress[0].ports[1].port` of NetworkPolicy ",
    ],
    ["image/Dockerfile", "STOPSIGNAL SIGUSR1", "STOPSIGNAL SIGTERM", "`stopSignal` of image/Dockerfile"],
    [
      "kubernetes/configmap.yaml",
      "timeout connect 250ms",
      "timeout connect 260ms",
      "`timeouts[connect]` of backend api",
    ],
  ];

  test.each(cases)("%s: %s", async (path, from, to, named) => {
    const found = texts(await driftOf(changed(path, (text) => text.replace(from, to))));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^layer-differs-from-plan out\//);
    expect(found[0]).toContain(named);
  });
});

test("of a manifest that another program reformatted, the value that differs is named", async () => {
  const files = changed("kubernetes/deployment.yaml", (text) =>
    text
      .replaceAll(/: ([a-zA-Z][\w-]*)$/gm, ': "$1"')
      .replace("terminationGracePeriodSeconds: 75", "terminationGracePeriodSeconds: 30"),
  );
  expect(texts(await driftOf(files)).join("\n")).toMatch(
    /`spec\.template\.spec\.terminationGracePeriodSeconds` of Deployment \S+ is 30, and the description renders 75/,
  );
});

test("a value that another line decides is found on its own line", async () => {
  const files = changed("cloud/main.tf", (text) =>
    text.replace("instance_port     = 31000", "instance_port     = 31009"),
  );
  expect(texts(await driftOf(files))).toEqual([
    expect.stringContaining(
      "`listeners[80].proxyProtocol` of load balancer aws_elb.this is none, and the description renders v1",
    ),
    expect.stringContaining("`listeners[80].to.port` of load balancer aws_elb.this"),
  ]);
});

test("variables of the account are no drift", async () => {
  const variables = rendered.find(({ path }) => path === "cloud/variables.tf")?.content ?? "";
  expect(variables).toContain('variable "vpc_id"');
  expect(await driftOf(rendered, { "cloud/terraform.tfvars": 'vpc_id = "vpc-1"\n' })).toEqual([]);
});

test("a manifest that cannot be parsed is shown by its lines, and its object is missing", async () => {
  const files = changed("kubernetes/deployment.yaml", (text) =>
    text.replace(/( +)terminationGracePeriodSeconds: 75.*\n.*\n/, "$1terminationGracePeriodSeconds: 30\n"),
  );
  expect(texts(await driftOf(files))).toEqual([
    expect.stringMatching(/has `terminationGracePeriodSeconds: 30` where .* and 1 more line$/),
    expect.stringMatching(/Deployment web\/app-edge is missing, and the description renders it$/),
  ]);
});

test("credentials are not shown, neither with their line nor with their value", async () => {
  const variable = (name: string, value: string) => `- name: ${name}\n              value: ${value}\n`;
  const files = changed("kubernetes/deployment.yaml", (text) =>
    text
      .replaceAll(/: ([a-zA-Z][\w-]*)$/gm, ': "$1"')
      .replace(
        "          ports:\n",
        `          env:\n            ${variable("STATS_PASSWORD", "hunter2")}          ports:\n`,
      ),
  );
  const found = texts(await driftOf(files)).join("\n");
  expect(found).toContain("`spec.template.spec.containers[haproxy].env` of Deployment");
  expect(found).not.toContain("hunter2");
});

test("every mutant of a rendered layer is drift", async () => {
  const mutants = mutantsOf(rendered).filter((_, index) => index % 25 === 0);
  expect(mutants.length).toBeGreaterThan(10);
  for (const mutant of mutants) {
    const found = await driftOf(applyMutant(rendered, mutant));
    expect(
      found.some(({ code }) => code === "layer-differs-from-plan"),
      `${mutant.file}:${mutant.line}`,
    ).toBe(true);
  }
});

test.each([
  ["kubernetes/kustomization.yaml", "  - networkpolicy.yaml\n", "", "(`resources` of Kustomization "],
  ["kubernetes/kustomization.yaml", "  - service-pods.yaml\n", "", "(`resources` of Kustomization "],
  ["cloud/security-groups.tf", "0.0.0.0/0", "10.9.0.0/16", "10.9.0.0/16"],
])("one change in %s is one finding, at its line: %s", async (path, from, to, named) => {
  const before = rendered.find((one) => one.path === path)?.content ?? "";
  const line = before.slice(0, before.indexOf(from)).split("\n").length;
  const found = texts(await driftOf(changed(path, (text) => text.replace(from, to))));
  expect(found).toEqual([expect.stringContaining(named)]);
  expect(found[0]).toContain(` out/${path}:${line} `);
});

test.each([
  ["json(ascii)", "json(utf8)"],
  ["max-age=15552000; includeSubDomains' if {", "max-age=15552000; includeSubDomains' unless {"],
])("of a long line, the text around the difference is shown, and its column: %s", async (from, to) => {
  const files = changed("haproxy/haproxy.cfg", (text) => {
    const at = text.lastIndexOf(from);
    return text.slice(0, at) + to + text.slice(at + from.length);
  });
  const [first] = await driftOf(files);
  const [there, wanted] = first?.what.split("where the description renders") ?? [];
  const word = (text: string) => text.split(/[ (]/).at(-1) ?? text;
  expect(there).not.toBe(wanted);
  expect(there).toContain(word(to.replace(/[ )]+[{]?$/, "")));
  expect(first?.at[0]?.column).toBeGreaterThan(40);
});

test("a line that a default decided has no place in the description but its first line", async () => {
  const findings = await driftOf(changed("image/Dockerfile", (text) => text.replace("SIGUSR1", "SIGTERM")));
  expect(findings[0]?.at[1]).toEqual({ file: "portico.yaml", line: 1, column: 1 });
});

// Small files that would take much time or memory: each is read up to its limit, and the finding names the limit.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import { MAX_EXPANDED, MAX_OBJECTS, MAX_SECTIONS } from "../../src/source/limits.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";

const CONFIG = `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend f
  bind :8080
  default_backend b
backend b
  server s 127.0.0.1:80
`;
const LEVELS = Array.from({ length: 60 }, (_, level) => level);

async function leftOutOf(file: string, text: string): Promise<string> {
  const wiring = await readWiring([{ file, text }]);
  checkLayers(wiring);
  return wiring.leftOut.map(({ what, why }) => `${what}: ${why}`).join("\n");
}

describe("values that grow exponentially in a Dockerfile", () => {
  const doubling = (keyword: string) =>
    LEVELS.map((level) => `${keyword} A${level + 1}=$A${level}\${A${level}}`).join("\n");

  test.each(["ARG", "ENV"])("%s", async (keyword) => {
    const text = `FROM haproxy:3.2\n${keyword} A0=xxxxxxxx\n${doubling(keyword)}\nUSER $A60\nCOPY $A60 /etc/\n`;
    const said = await leftOutOf("Dockerfile", text);
    expect(said).toMatch(/USER is left out: .*/);
    expect(said).toMatch(/COPY is left out: .*/);
    expect(said).toContain("expands to more than 65,536 characters");
  });

  test("ARG before FROM", async () => {
    const text = `ARG A0=xxxxxxxx\n${doubling("ARG")}\nFROM $A60\n`;
    expect(await leftOutOf("Dockerfile", text)).toContain("expands to more than 65,536 characters");
  });

  test("one instruction that names a long variable many times", async () => {
    const text = `FROM haproxy:3.2\nARG A=${"x".repeat(MAX_EXPANDED)}\nUSER ${"$A".repeat(30_000)}\n`;
    expect(await leftOutOf("Dockerfile", text)).toContain("more than 65,536 characters");
  });
});

describe("values that grow exponentially in Terraform", () => {
  const elb = (value: string) =>
    `resource "aws_elb" "e" {\n  name = "e"\n  idle_timeout = ${value}\n  listener {\n    lb_port = 80\n  }\n}\n`;
  const doubling = (first: string, next: (before: string) => string) =>
    `locals {\n  a0 = ${first}\n${LEVELS.map((level) => `  a${level + 1} = ${next(`local.a${level}`)}`).join("\n")}\n}\n`;

  test.each([
    ["text", doubling('"xxxxxxxx"', (a) => `"\${${a}}\${${a}}"`), "length(local.a60)"],
    ["a list", doubling("[1]", (a) => `concat(${a}, ${a})`), "length(local.a60)"],
    ["lists in lists", doubling("[1]", (a) => `[${a}, ${a}]`), "length(flatten(local.a60))"],
    [
      "maps in maps",
      doubling("{ a = 1 }", (a) => `{ a = ${a}, b = ${a} }`),
      "local.a60 == local.a59 ? 1 : 2",
    ],
    ["join", doubling('"xxxxxxxx"', (a) => `join(${a}, [${a}, ${a}])`), "length(local.a60)"],
    ["replace", doubling('"xxxxxxxx"', (a) => `replace(${a}, "x", ${a})`), "length(local.a60)"],
    ["format", doubling('"xxxxxxxx"', (a) => `format("%s%s", ${a}, ${a})`), "length(local.a60)"],
    [
      "for in for",
      "locals {\n  r = range(1000)\n  a = [for x in local.r : [for y in local.r : [for z in local.r : z]]]\n}\n",
      "length(local.a[999][999])",
    ],
  ])("%s", async (_, locals, value) => {
    const wiring = await readWiring([{ file: "main.tf", text: `${locals}${elb(value)}` }]);
    const timeout = wiring.loadBalancers[0]?.idleTimeoutS;
    expect(timeout).toHaveProperty(
      "unknown",
      expect.stringMatching(/more than [\d,]+ (?:elements|expressions)|longer than [\d,]+ characters/),
    );
  });

  test("defaults of variables", async () => {
    const module = (level: number) =>
      `variable "a" { default = "xxxxxxxx" }\nmodule "m" {\n  source = "../m${level + 1}"\n  a = "\${var.a}\${var.a}"\n}\n`;
    const files = LEVELS.slice(0, 40).map((level) => ({ file: `m${level}/main.tf`, text: module(level) }));
    const last = { file: "m40/main.tf", text: `variable "a" {}\n${elb("length(var.a)")}` };
    const wiring = await readWiring([...files, last]);
    expect(wiring.loadBalancers.map(({ idleTimeoutS }) => idleTimeoutS)).toEqual([
      expect.objectContaining({ unknown: expect.stringContaining("longer than 65,536 characters") }),
    ]);
  });

  test("modules that call one module many times each", async () => {
    const calls = (to: string) => `module "a" {\n  source = "${to}"\n  count = 100\n}\n`;
    const files = LEVELS.slice(0, 6).map((level) => ({
      file: `m${level}/main.tf`,
      text: calls(`../m${level + 1}`),
    }));
    const wiring = await readWiring([...files, { file: "m6/main.tf", text: elb("60") }]);
    expect(wiring.loadBalancers.length).toBeLessThanOrEqual(2000);
    expect(wiring.leftOut.map(({ what, why }) => `${what} ${why}`).join("\n")).toContain(
      "called more than 2,000 times",
    );
  });

  test("count", async () => {
    const text = 'resource "aws_elb" "e" {\n  count = 1000000000\n  name = "e"\n}\n';
    expect(await leftOutOf("main.tf", text)).toContain("its count is more than 2,000");
  });
});

describe("Kubernetes objects", () => {
  test("exactly the limit: all are read, and one more in the next file is a finding about that file", async () => {
    const services = Array.from(
      { length: MAX_OBJECTS },
      (_, index) => `{"apiVersion":"v1","kind":"Service","metadata":{"name":"s${index}"}}`,
    );
    const full = {
      file: "a.json",
      text: `{"apiVersion":"v1","kind":"List","items":[${services.join(",")}]}`,
    };
    const limitOf = async (files: Parameters<typeof readWiring>[0]) =>
      (await readWiring(files)).leftOut.filter(({ what }) => what.includes("the limit"));
    expect(await limitOf([full, { file: "b.cfg", text: "" }])).toEqual([]);
    const more = { file: "b.yaml", text: "apiVersion: v1\nkind: Service\nmetadata: {name: b}\n" };
    expect(await limitOf([full, more])).toMatchObject([{ at: { file: "b.yaml" } }]);
  });

  test("more than the limit: the first are read, and the finding names the rest", async () => {
    const item = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"}}';
    const text = `{"apiVersion":"v1","kind":"List","items":[${Array.from({ length: MAX_OBJECTS + 1 }, () => item).join(",")}]}`;
    const wiring = await readWiring([
      { file: "a.json", text },
      { file: "b.yaml", text: "kind: Service\napiVersion: v1\n" },
    ]);
    expect(wiring.services).toHaveLength(MAX_OBJECTS);
    expect(wiring.leftOut.filter(({ what }) => what.includes("the limit"))).toMatchObject([
      {
        what: "not read to the end: this folder exceeds the limit of 20,000 Kubernetes objects",
        why: "The rest of its objects was not examined, nor those of 1 more files after it by name. Check the folders one by one.",
      },
    ]);
  });

  test("places in a map with tens of thousands of keys are found by an index", async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `  k${index}: x`).join("\n");
    const wiring = await readWiring([
      { file: "a.yaml", text: `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n${keys}\n` },
    ]);
    expect(wiring.configMaps[0]?.data.get("k19999")?.at.line).toBe(20_004);
  });

  test("lists and maps within each other 100,000 deep", async () => {
    const deep = `{"apiVersion":"v1","kind":"X","a":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
    expect(await leftOutOf("a.json", deep)).toContain("cannot be read: it nests more than 100 levels");
  });

  test("aliases of aliases", async () => {
    const levels = LEVELS.slice(0, 12).map(
      (level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(",")}]`,
    );
    const text = `a0: &a0 [${Array(10).fill("x").join(",")}]\n${levels.join("\n")}\napiVersion: v1\nkind: Service\n`;
    expect(await leftOutOf("a.yaml", text)).toContain("aliases expand to more than 200,000 values");
  });
});

describe("haproxy.cfg", () => {
  test("sections over the limit: the finding reports that no rule was applied", async () => {
    const text = CONFIG + "backend x\n".repeat(MAX_SECTIONS);
    expect(await leftOutOf("haproxy.cfg", text)).toContain(
      "is not examined: it has more than 10,000 sections: This is the limit of one configuration: no rule was applied to it, and HAProxy did not validate it.",
    );
  });

  // Without the indexes each of these takes minutes.
  test.each([
    [
      "ACLs that conditions name",
      CONFIG.replace(
        "  default_backend b\n",
        `${Array.from({ length: 5_000 }, (_, index) => `  acl a${index} path /x\n  http-request deny if a${index} !a${index >> 1}\n`).join("")}  default_backend b\n`,
      ),
    ],
    ["defaults sections", CONFIG + "defaults\n  mode http\n".repeat(3_000)],
    [
      "backends over TLS",
      CONFIG +
        Array.from({ length: 4_000 }, (_, index) => `backend b${index}\n  server s 10.0.0.1:443 ssl\n`).join(
          "",
        ),
    ],
    ["comments about HSTS", CONFIG + "# HSTS\n".repeat(20_000)],
  ])("%s", async (_, text) => {
    expect(await leftOutOf("haproxy.cfg", text)).toBe("");
  });
});

// Terraform files that do not parse, are not Terraform, or exceed the limits: reported with their line, the rest is read.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTerraform } from "../../../src/wiring/terraform/read.ts";
import { filesIn, plain, ports, readText } from "./reading.ts";

const listener = (port: number) =>
  `  listener {\n    lb_port = ${port}\n    lb_protocol = "tcp"\n    instance_port = 31000\n    instance_protocol = "tcp"\n  }\n`;
const elb = (name: string, inside = listener(80)) => `resource "aws_elb" "${name}" {\n${inside}}\n`;

describe("a block that does not parse", () => {
  test.each([
    ["a missing brace", `resource "aws_elb" "bad" {\n  internal = false\n`],
    ["a missing quote", 'resource "aws_elb" "bad" {\n  name = "app\n}\n'],
    ["a missing value", 'resource "aws_elb" "bad" {\n  name =\n  internal = false\n}\n'],
    ["an extra bracket", 'resource "aws_elb" "bad" {\n  subnets = ["a"]]\n}\n'],
    ["a truncated expression", 'resource "aws_elb" "bad" {\n  name = "${var.\n}\n'],
    [
      "merge conflict markers",
      'resource "aws_elb" "bad" {\n<<<<<<< HEAD\n  name = "a"\n=======\n  name = "b"\n>>>>>>> x\n}\n',
    ],
  ])("%s: the ones before and after it are read", async (_, bad) => {
    const { loadBalancers, leftOut } = await readText(elb("before") + bad + elb("after"));
    expect(
      loadBalancers
        .filter(({ id }) => id !== "aws_elb.bad")
        .map(({ id, listeners }) => [id, listeners.map(ports)]),
    ).toEqual([
      ["aws_elb.before", [[80, "tcp", 31000, "none"]]],
      ["aws_elb.after", [[80, "tcp", 31000, "none"]]],
    ]);
    const [left] = leftOut;
    expect(left).toMatchObject({ what: "does not parse", severity: "error", at: { file: "main.tf" } });
    expect(left?.why).toContain("resource aws_elb bad");
    expect(left?.at.line).toBeGreaterThanOrEqual(9);
    expect(left?.at.line).toBeLessThanOrEqual(9 + bad.split("\n").length);
  });

  test("no defaults are assumed for an unreadable block", async () => {
    const { loadBalancers } = await readText(
      `resource "aws_elb" "bad" {\n${listener(80)}  idle_timeout = = 5\n}\n`,
    );
    expect(plain(loadBalancers[0]?.crossZone)).toBe("? a part of its block does not parse");
    expect(plain(loadBalancers[0]?.idleTimeoutS)).toMatch(/^\? /);
  });

  test("in the last line, without an end of line", async () => {
    const { loadBalancers, leftOut } = await readText(`${elb("a")}resource "aws_elb" "b`);
    expect(loadBalancers.map(({ id }) => id)).toEqual(["aws_elb.a"]);
    expect(leftOut).toMatchObject([{ severity: "error", at: { line: 9 } }]);
  });
});

describe("files that are not Terraform", () => {
  test.each([
    ["bytes", "main.tf", "\u0000\u0001\u0002ELF", "not read: it is not text", 1],
    ["invalid JSON", "main.tf.json", '{\n  "resource": {\n    "a" 1\n', "does not parse: colon expected", 3],
    [
      "a truncated plan",
      "plan.json",
      '{"format_version":"1.2","planned_values":{"root_module":{\n"resources":[{',
      "does not parse: unexpected end of file",
      2,
    ],
    [
      "JSON nested too deeply",
      "main.tf.json",
      "[".repeat(10_000),
      "does not parse: it is nested too deeply",
      1,
    ],
  ])("%s", async (_, file, text, what, line) => {
    const { loadBalancers, leftOut } = await readTerraform([
      { file, text },
      { file: "z.tf", text: elb("a") },
    ]);
    expect(leftOut).toMatchObject([{ what, severity: "error", at: { file, line } }]);
    expect(loadBalancers).toHaveLength(1);
  });

  test("other JSON is ignored", async () => {
    expect(await readTerraform([{ file: "package.json", text: '{"name": ' }])).toEqual({
      loadBalancers: [],
      securityGroups: [],
      leftOut: [],
      objects: [],
    });
  });

  test("a byte order mark and CRLF: positions are those of editors", async () => {
    const { loadBalancers, leftOut } = await readText(`\uFEFF${elb("a").replaceAll("\n", "\r\n")}`);
    expect(leftOut).toEqual([]);
    expect(loadBalancers[0]?.at).toMatchObject({ line: 1, column: 1 });
    expect(loadBalancers[0]?.listeners[0]?.port).toEqual({
      value: 80,
      at: { file: "main.tf", line: 3, column: 15, length: 2 },
    });
  });

  test("columns count UTF-16 code units", async () => {
    const { loadBalancers } = await readText('resource "aws_elb" "a" {\n  /* 😀é */ name = "x"\n}\n');
    expect(loadBalancers[0]?.name).toEqual({
      value: "x",
      at: { file: "main.tf", line: 2, column: 20, length: 3 },
    });
  });
});

describe("over the limits", () => {
  test.each([
    ["brackets that never close", "["],
    ["brackets that close", `${"[".repeat(10_000)}${"]".repeat(10_000)}`],
    ["parentheses", `${"(".repeat(10_000)}1${")".repeat(10_000)}`],
    ["a long sum", Array(10_000).fill("1").join(" + ")],
  ])("10,000 levels: %s", async (_, value) => {
    const deep = value === "[" ? "[".repeat(10_000) : value;
    const { loadBalancers } = await readText(
      `${elb("a")}locals {\n  deep = ${deep}\n}\nresource "aws_elb" "b" {\n  name = local.deep\n}\n`,
    );
    expect(loadBalancers.map(({ id }) => id)).toEqual(["aws_elb.a", "aws_elb.b"]);
    expect(plain(loadBalancers[1]?.name)).toMatch(/^\? /);
  });

  test("circular references", async () => {
    const chain = Array.from({ length: 5000 }, (_, n) => `  a${n} = local.a${n + 1}`).join("\n");
    const { loadBalancers } = await readText(
      `locals {\n${chain}\n  a5000 = "x"\n}\nresource "aws_elb" "a" {\n  name = local.a0\n}\n`,
    );
    expect(plain(loadBalancers[0]?.name)).toBe("? there are too many references to resolve");
  });

  test("10,000 resources of the edge", async () => {
    const rules = Array.from(
      { length: 10_000 },
      (_, n) =>
        `resource "aws_security_group_rule" "r${n}" {\n  type = "ingress"\n  security_group_id = aws_security_group.g.id\n  from_port = ${n}\n  to_port = ${n}\n  protocol = "tcp"\n  cidr_blocks = ["10.0.0.0/8"]\n}\n`,
    );
    const { securityGroups, leftOut } = await readText(
      `resource "aws_security_group" "g" {}\n${rules.join("")}`,
    );
    expect(leftOut).toEqual([]);
    expect(securityGroups[0]?.rules).toHaveLength(10_000);
    expect(plain(securityGroups[0]?.rules[9999]?.fromPort)).toBe(9999);
  });

  test("a count of 1,000,000,000", async () => {
    const { leftOut } = await readText('resource "aws_elb" "a" {\n  count = 1000000000\n}\n');
    expect(leftOut).toMatchObject([
      { what: "aws_elb.a is left out: its count is more than 2,000", at: { line: 2 } },
    ]);
  });
});

test("real files with random deletions and insertions never throw, and lost parts are reported", async () => {
  const sets = [
    filesIn("fixtures/nlb/"),
    filesIn("fixtures/json/"),
    filesIn("../../golden/cloud-classic-elb-everything/cloud/"),
    [{ file: "plan.json", text: readFileSync(new URL("fixtures/nlb-plan.json", import.meta.url), "utf8") }],
  ];
  const whole = await Promise.all(sets.map(readTerraform));
  const piece = fc.constantFrom(
    '"',
    "${",
    "}",
    "{",
    "[",
    "<<EOF\n",
    "\n",
    "=",
    "for ",
    "dynamic ",
    "*",
    "\\",
    "%{",
    "/*",
    "null",
    "é😀",
    "each.key",
    "\r",
  );
  const edit = fc.record({
    at: fc.nat(30_000),
    drop: fc.nat(80),
    put: fc.oneof(piece, fc.string({ unit: "binary", maxLength: 5 })),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(sets.length - 1),
      fc.nat(),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      async (set, which, edits) => {
        const files = sets[set] ?? [];
        const changed = files.map((file, index) => {
          if (index !== which % files.length) return file;
          let text = file.text;
          for (const { at, drop, put } of edits) {
            const place = at % (text.length + 1);
            text = text.slice(0, place) + put + text.slice(place + drop);
          }
          return { ...file, text };
        });
        const { loadBalancers, leftOut } = await readTerraform(changed);
        // A load balancer is still found, or a reason why not; one in a plan may lose its type.
        if (
          set !== 3 &&
          loadBalancers.length < (whole[set]?.loadBalancers.length ?? 0) &&
          leftOut.length === 0
        ) {
          expect(changed.map(({ text }) => text).join("\n")).not.toMatch(
            /^resource "aws_(elb|lb)" "\w+" \{$/m,
          );
        }
        for (const { at } of leftOut) expect(at.line).toBeGreaterThan(0);
      },
    ),
    { numRuns: 400 },
  );
});

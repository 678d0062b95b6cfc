// Terraform accepts every rendered module: formatted, valid, and planned without a message, imported by a root module.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitCloud } from "../../../src/emit/cloud/emit-cloud.ts";
import { commentedBlock, mapping, printFile, set } from "../../../src/emit/cloud/hcl.ts";
import type { TextFile } from "../../../src/emit/file.ts";
import { exampleNames, planExample } from "../../examples/examples.ts";
import { goldenCase } from "../../golden-files.ts";
import { hostileText } from "../../hostile/texts.ts";
import { type Diagnostic, openTerraform, type Terraform } from "./terraform.ts";

const MINUTES_MS = 60_000;
const goldens = fileURLToPath(new URL("../../golden/", import.meta.url));
const modules = await renderedModules();

/** Values of the account. */
const VARIABLES: Readonly<Record<string, string>> = {
  vpc_id: '"vpc-1"',
  subnet_ids: '["subnet-1", "subnet-2"]',
  node_security_group_id: '"sg-1"',
  autoscaling_groups: '{ workers = "workers-1" }',
  instances: '{ first = "i-1" }',
  certificate_arn: '"arn:aws:acm:eu-central-1:111122223333:certificate/1a2b"',
  route53_zone_id: '"Z1"',
  tags: '{ team = "web" }',
};

/** No account is contacted: the real provider would otherwise do so first. */
const PROVIDER = `provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
`;

/** What a description can contain: its schema refuses half a surrogate pair. */
const wellFormed = hostileText.filter((text) => text.isWellFormed());

let terraform: Terraform;
let scratch: string;

beforeAll(() => {
  terraform = openTerraform();
  scratch = mkdtempSync(join(tmpdir(), "portico-modules-"));
}, 15 * MINUTES_MS);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("there are modules of both kinds, and every resource that can be rendered is in one", () => {
  const resources = new Set(
    [...modules.values()].flatMap((files) =>
      files.flatMap(({ content }) =>
        [...content.matchAll(/^(?:resource|data) "(\w+)"/gm)].map(([, name]) => name),
      ),
    ),
  );
  const known = JSON.parse(readFileSync(new URL("aws-provider/schema.json", import.meta.url), "utf8")) as {
    readonly resource_schemas: object;
    readonly data_source_schemas: object;
  };
  expect([...resources].sort()).toEqual(
    [...Object.keys(known.resource_schemas), ...Object.keys(known.data_source_schemas)].sort(),
  );
});

describe("all of them, imported as modules", () => {
  let folder: string;
  beforeAll(async () => {
    folder = rootWith(modules);
    expect(await terraform.run(folder, "init", "-input=false", "-no-color")).toMatchObject({ status: 0 });
  }, 2 * MINUTES_MS);

  test(
    "are formatted as `terraform fmt` does",
    async () => {
      const { status, stdout } = await terraform.run(
        folder,
        "fmt",
        "-check",
        "-recursive",
        "-diff",
        "-no-color",
      );
      expect([status, stdout]).toEqual([0, ""]);
    },
    MINUTES_MS,
  );

  test(
    "are valid, and planned without a diagnostic",
    async () => {
      expect(await validate(folder)).toEqual([]);
      const { status, stdout } = await terraform.run(folder, "plan", "-input=false", "-lock=false", "-json");
      const events = stdout
        .split("\n")
        .filter((line) => line !== "")
        .map(eventOf);
      expect(events.filter(({ type }) => type === "diagnostic").map(({ diagnostic }) => diagnostic)).toEqual(
        [],
      );
      expect(status).toBe(0);
      const { changes } = events.find(({ type }) => type === "change_summary") ?? {};
      expect(changes?.add).toBeGreaterThan(10 * modules.size);
    },
    4 * MINUTES_MS,
  );
});

test.each([
  ["an argument that does not exist", "vpc_id ", "vpc ", /Unsupported argument/],
  ["a block that does not exist", "ingress {", "inward {", /Unsupported block type/],
  [
    "a missing resource",
    "aws_security_group.load_balancer.id",
    "aws_security_group.other.id",
    /Reference to undeclared resource/,
  ],
  [
    "a value of another type",
    "from_port   = 443",
    'from_port   = "https"',
    /Incorrect attribute value type|Inappropriate value/,
  ],
])(
  "reports %s",
  async (_, text, other, objection) => {
    const broken = (modules.get("cloud-classic-elb") ?? []).map(({ path, content }) => ({
      path,
      content: path.endsWith("security-groups.tf")
        ? content.replace(text, other)
        : content.replace(text, other),
    }));
    const folder = rootWith(new Map([["broken", broken]]));
    await terraform.run(folder, "init", "-input=false");
    expect((await validate(folder)).map(({ summary }) => summary).join("\n")).toMatch(objection);
  },
  MINUTES_MS,
);

test(
  "no text breaks out of its token: Terraform reads every text back unchanged",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wellFormed, { minLength: 80, maxLength: 160 }), async (texts) => {
        const { path, content } = printFile(
          "outputs.tf",
          { because: `about ${texts.join(" ")}` },
          texts.map((text, index) =>
            commentedBlock(text, `output o${index}`, [set("value", mapping({ [`k${text}`]: [text] }), text)]),
          ),
        );
        const folder = mkdtempSync(join(scratch, "texts-"));
        writeFileSync(join(folder, path), content);
        expect(await terraform.run(folder, "fmt", "-check", "-diff", "-no-color")).toMatchObject({
          stdout: "",
        });
        const applied = await terraform.run(folder, "apply", "-auto-approve", "-input=false", "-no-color");
        expect(applied.stderr).toBe("");
        const { stdout } = await terraform.run(folder, "output", "-json");
        const read = JSON.parse(stdout) as Record<string, { readonly value: unknown }>;
        texts.forEach((text, index) => {
          // Terraform normalises text to Unicode's normal form C.
          expect(read[`o${index}`]?.value).toEqual({ [`k${text}`.normalize()]: [text.normalize()] });
        });
      }),
      { numRuns: 4, endOnFailure: true },
    );
  },
  3 * MINUTES_MS,
);

async function renderedModules(): Promise<ReadonlyMap<string, readonly TextFile[]>> {
  const found = new Map<string, readonly TextFile[]>();
  for (const name of readdirSync(goldens).sort()) {
    const { plan } = await goldenCase(join(goldens, name));
    if (plan !== null) found.set(name, emitCloud(plan));
  }
  for (const name of exampleNames) found.set(`example-${name}`, emitCloud(await planExample(name)));
  return new Map([...found].filter(([, files]) => files.length > 0));
}

/** A folder whose main.tf imports each module, with its variables. */
function rootWith(all: ReadonlyMap<string, readonly TextFile[]>): string {
  const folder = mkdtempSync(join(scratch, "root-"));
  const calls = [...all].map(([name, files]) => {
    for (const { path, content } of files) {
      const file = join(folder, "modules", name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    const declared = files.flatMap(({ content }) =>
      [...content.matchAll(/^variable "(\w+)"/gm)].map(([, one = ""]) => one),
    );
    const given = declared.filter((one) => one in VARIABLES);
    const widest = Math.max("source".length, ...given.map((one) => one.length));
    const lines = [["source", `"./modules/${name}/cloud"`], ...given.map((one) => [one, VARIABLES[one]])].map(
      ([one = "", value]) => `  ${one.padEnd(widest)} = ${value}\n`,
    );
    return `module "${name}" {\n${lines.join("")}}\n`;
  });
  writeFileSync(join(folder, "main.tf"), [PROVIDER, ...calls].join("\n"));
  return folder;
}

async function validate(folder: string): Promise<readonly Diagnostic[]> {
  const { stdout } = await terraform.run(folder, "validate", "-json");
  return (JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] }).diagnostics;
}

interface Event {
  readonly type: string;
  readonly diagnostic?: Diagnostic;
  readonly changes?: { readonly add: number };
}

function eventOf(line: string): Event {
  return JSON.parse(line) as Event;
}

// portico check DESCRIPTION --layers DIR: every difference between the rendered and the existing files, with both places.
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { checkFolder } from "../../src/cli/checked-layers.ts";
import type { CommandContext } from "../../src/cli/command.ts";
import { tryPlan } from "../../src/cli/planned.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { folderWith, portico } from "./portico.ts";

const example = fileURLToPath(new URL("../../examples/elb-classic/portico.yaml", import.meta.url));
let pristine = "";

beforeAll(async () => {
  pristine = folderWith({ "portico.yaml": readFileSync(example) });
  expect(await portico(["render"], { cwd: pristine })).toMatchObject({ status: 0 });
});

/** The rendered folder after a change, checked without HAProxy. */
async function checked(change: (edit: Edit, out: string) => void, layers = "out") {
  const cwd = folderWith({});
  cpSync(pristine, cwd, { recursive: true });
  change(
    (path, from, to) => {
      const file = join(cwd, "out", path);
      const text = readFileSync(file, "utf8");
      const after = text.replace(from, to);
      if (after === text) throw new Error(`${path} has no ${from}`);
      writeFileSync(file, after);
    },
    join(cwd, "out"),
  );
  const context = { cwd, env: {} } as CommandContext;
  const { value } = await tryPlan(context, "portico.yaml");
  const { findings } = await checkFolder(context, layers, null, value);
  return findings
    .filter(({ code }) => code !== "layer-not-understood")
    .map(
      ({ code, severity, what, at }) =>
        `${severity} ${code} ${at.map(({ file, line }) => `${file}:${line}`).join(" ")} ${what}`,
    );
}
type Edit = (path: string, from: string | RegExp, to: string) => void;

test("nothing is found in what was just rendered", async () => {
  expect(await checked(() => {})).toEqual([]);
});

test("one comment in haproxy.cfg: a note with both places, and nothing else", async () => {
  const shown = await checked((edit) =>
    edit("haproxy/haproxy.cfg", /(retry-on .*)# .*/, "$1# another reason"),
  );
  expect(shown).toEqual([
    expect.stringMatching(
      /^note layer-comment-differs out\/haproxy\/haproxy\.cfg:\d+ portico\.yaml:\d+ haproxy\/haproxy\.cfg has `retry-on .*another reason` where/,
    ),
  ]);
});

test("a line of a backend or a frontend is placed at its description", async () => {
  const lines = readFileSync(example, "utf8").split("\n");
  const lineOf = (text: string) => lines.findIndex((line) => line.includes(text)) + 1;
  const shown = await checked((edit) => {
    edit("haproxy/haproxy.cfg", "timeout connect 250ms", "timeout connect 260ms");
    edit("haproxy/haproxy.cfg", "http-check send meth GET uri /health", "http-check send meth GET uri /ok");
  });
  expect(shown.join("\n")).toMatch(new RegExp(` portico\\.yaml:${lineOf("  api: {")} .*260ms`));
  expect(shown.join("\n")).toMatch(new RegExp(` portico\\.yaml:${lineOf("  app: {")} .*uri /ok`));
});

test("a route that is removed from both copies of a map: two errors, each with the line of the first route of its path", async () => {
  const route = readFileSync(example, "utf8")
    .split("\n")
    .findIndex((line) => line.includes("path: /api, header:"));
  const shown = await checked((edit) => {
    edit("haproxy/paths.map", /^app\.example\.com\/api\/ .*\n/m, "");
    edit("kubernetes/configmap.yaml", /^ +app\.example\.com\/api\/ .*\n/m, "");
  });
  const place = (file: string) =>
    new RegExp(
      `^error layer-differs-from-plan out/${file}:\\d+ portico\\.yaml:${route + 1} ${file} lacks .app\\.example\\.com/api/ `,
    );
  expect(shown).toEqual([
    expect.stringMatching(place("haproxy/paths\\.map")),
    expect.stringMatching(place("kubernetes/configmap\\.yaml")),
  ]);
});

describe("each kind of difference", () => {
  const error = "error layer-differs-from-plan";
  const note = "note layer-comment-differs";
  const cases: readonly (readonly [
    what: string,
    change: (edit: Edit, out: string) => void,
    shown: readonly string[],
  ])[] = [
    [
      "a line without a decision",
      (edit) => edit("haproxy/haproxy.cfg", "option dontlognull", "option log-separate-errors"),
      [error],
    ],
    [
      "an extra line",
      (edit) => edit("haproxy/haproxy.cfg", /^global\n/m, "global\n    nbthread 3\n"),
      [error],
    ],
    [
      "a map only in the ConfigMap",
      (edit) => edit("kubernetes/configmap.yaml", "api-beta app", "app app"),
      [error],
    ],
    ["a map's comment", (edit) => edit("haproxy/hosts.map", /^# .*\n/, ""), [note]],
    ["a comment in a manifest", (edit) => edit("kubernetes/deployment.yaml", / # .*/, " # why"), [note]],
    ["a comment in the Dockerfile", (edit) => edit("image/Dockerfile", /^# .*\n/m, "# other\n"), [note]],
    [
      "a comment of HAProxy in the ConfigMap",
      (edit) => edit("kubernetes/configmap.yaml", /(grace 10s +)# .*/, "$1# why"),
      [note],
    ],
    [
      "a decision: reported once",
      (edit) => edit("kubernetes/service-public.yaml", "nodePort: 31001", "nodePort: 31002"),
      ["error"],
    ],
    ["no line break at the end", (edit) => edit("kubernetes/deployment.yaml", /\n$/, ""), [note]],
    ["a missing file", (_, out) => rmSync(join(out, "haproxy/internal-hosts.map")), [error]],
    [
      "an extra file",
      (_, out) => writeFileSync(join(out, "haproxy/more.unknown"), "x"),
      ["warning layer-differs-from-plan"],
    ],
    [
      "files of Terraform and its user",
      (_, out) => {
        writeFileSync(join(out, "cloud/.terraform.lock.hcl"), "");
        writeFileSync(join(out, "cloud/terraform.tfvars"), 'vpc_id = "vpc-1"\n');
      },
      [],
    ],
  ];

  test.each(cases)("%s", async (_, change, expected) => {
    const shown = await checked(change);
    const kept = shown.filter((one) => / layer-(differs|comment)/.test(one));
    expect(kept, shown.join("\n")).toEqual(expected.map((start) => expect.stringMatching(`^${start}`)));
    for (const one of kept) expect(one).toMatch(/ out\/\S+:\d+ .*portico\.yaml:\d+ /);
  });
});

test("the folder of the description finds the rendered one below it; another folder has none of the files", async () => {
  const below = await checked(
    (edit) => edit("haproxy/hosts.map", "app.example.com", "other.example.com"),
    ".",
  );
  expect(below.join("\n")).toMatch(/error layer-differs-from-plan out\/haproxy\/hosts\.map:2 /);
  const shown = await checked((_, out) => rmSync(out, { recursive: true }), ".");
  expect(shown.join("\n")).toMatch(/none of the \d+ files that the description renders is in \./);
});

test("exit status 1 for a line that differs, 0 for a comment", async () => {
  const cwd = folderWith({});
  cpSync(pristine, cwd, { recursive: true });
  const file = join(cwd, "out/haproxy/haproxy.cfg");
  const text = readFileSync(file, "utf8");
  const run = (after: string) => {
    writeFileSync(file, after);
    return portico(["check", "portico.yaml", "--layers", "out"], { cwd });
  };
  expect(await run(`${text}# by hand\n`)).toMatchObject({ status: 0 });
  const { status, stdout } = await run(text.replace("option dontlognull", "option log-separate-errors"));
  expect(status).toBe(1);
  expect(stdout).toMatch(/out\/haproxy\/haproxy\.cfg:\d+:12 .*option log-separate-errors/);
  expect(stdout).toMatch(/portico\.yaml:\d+:\d+ /);
});

describe("a haproxy.cfg next to a ConfigMap with another version of it", () => {
  const config = (timeout: string, more = "") =>
    `global\n  maxconn 9\ndefaults\n  mode http\n  timeout client ${timeout}\nfrontend f\n  bind :8080\n${more}`;
  const files = (text: string) => [
    { file: "haproxy.cfg", text },
    {
      file: "objects.yaml",
      text: `apiVersion: v1
kind: ConfigMap
metadata: { name: edge }
data:
  haproxy.cfg: ${JSON.stringify(config("30s"))}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: edge }
spec:
  template:
    spec:
      volumes: [{ name: config, configMap: { name: edge } }]
      containers:
        - name: haproxy
          image: haproxy:3.2
          volumeMounts: [{ name: config, mountPath: /usr/local/etc/haproxy }]
`,
    },
  ];

  test("is not a second HAProxy, and reported as not checked", async () => {
    const { haproxies, leftOut } = await readWiring(files(config("31s")));
    expect(haproxies.map(({ config: { file } }) => file)).toEqual(["objects.yaml"]);
    expect(leftOut).toContainEqual(
      expect.objectContaining({
        what: "is another version of the configuration that the pods of Deployment edge mount",
        at: { file: "haproxy.cfg", line: 1, column: 1 },
      }),
    );
  });

  test("with other sections is a separate configuration", async () => {
    const { haproxies } = await readWiring(files(config("31s", "frontend g\n  bind :8081\n")));
    expect(haproxies.map(({ config: { file } }) => file)).toEqual(["objects.yaml", "haproxy.cfg"]);
  });
});

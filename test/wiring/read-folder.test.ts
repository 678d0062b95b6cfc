// Typical folders: what is read, in which order, and what is left out with a reason.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MAX_FILE_BYTES, MAX_FOLDER_DEPTH, MAX_PARTS } from "../../src/source/limits.ts";
import { readFolder } from "../../src/wiring/read-folder.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "portico-folder-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

async function read(folder = "edge") {
  const { files, leftOut } = await readFolder(folder, { cwd: root });
  return {
    files: files.map(({ file }) => file),
    leftOut: leftOut.map(({ severity, what, at }) => `${severity} ${at.file}:${at.line} ${what}`),
  };
}

const CONFIG =
  "frontend web\n  bind *:80\n  http-request deny if { path -f /etc/haproxy/denied }\n  use_backend %[path,map(/etc/haproxy/routes.txt)]\n  http-error status 503 errorfile /etc/haproxy/503.http\n";

test("of .terraform, only the files of Terraform in modules that the list of installed modules names", async () => {
  const modules = [
    { Key: "", Source: "", Dir: "." },
    {
      Key: "edge",
      Source: "registry.terraform.io/acme/alb/aws",
      Version: "1.0.0",
      Dir: ".terraform/modules/edge",
    },
    { Key: "edge.part", Source: "./part", Dir: ".terraform/modules/edge/part" },
    {
      Key: "vpc",
      Source: "registry.terraform.io/acme/vpc/aws",
      Version: "1.0.0",
      Dir: ".terraform/modules/vpc",
    },
    { Key: "outside", Source: "git::https://git.example.com/lb", Dir: "../../.terraform/modules/x" },
  ];
  write({
    "edge/cloud/main.tf": 'module "edge" { source = "acme/alb/aws" }',
    "edge/cloud/.terraform/modules/modules.json": JSON.stringify({ Modules: modules }),
    "edge/cloud/.terraform/modules/edge/main.tf": "",
    "edge/cloud/.terraform/modules/edge/examples/main.tf": "",
    "edge/cloud/.terraform/modules/edge/docker-compose.yml": "",
    "edge/cloud/.terraform/modules/edge/part/main.tf": "",
    "edge/cloud/.terraform/modules/vpc/main.tf": "",
    "edge/cloud/.terraform/providers/x/main.tf": "",
    ".terraform/modules/x/main.tf": "",
  });
  expect(await read()).toEqual({
    files: [
      "edge/cloud/.terraform/modules/edge/main.tf",
      "edge/cloud/.terraform/modules/edge/part/main.tf",
      "edge/cloud/.terraform/modules/modules.json",
      "edge/cloud/main.tf",
    ],
    leftOut: [],
  });
  // As `portico check --layers ../edge`.
  const { files } = await readFolder("../edge", { cwd: join(root, "edge") });
  expect(files.map(({ file }) => file)).toContain("../edge/cloud/.terraform/modules/edge/main.tf");
});

test("an installed module that is a link to a folder outside is not followed", async () => {
  const modules = [{ Key: "edge", Source: "acme/alb/aws", Version: "1.0.0", Dir: ".terraform/modules/edge" }];
  write({
    "edge/main.tf": "",
    "edge/.terraform/modules/modules.json": JSON.stringify({ Modules: modules }),
    "outside/secret.tf": "",
  });
  symlinkSync(join(root, "outside"), join(root, "edge/.terraform/modules/edge"));
  expect(await read()).toEqual({
    files: ["edge/.terraform/modules/modules.json", "edge/main.tf"],
    leftOut: [
      expect.stringMatching(/^note edge\/\.terraform\/modules\/edge:1 is a link to a folder outside/),
    ],
  });
});

test("reads layers and files that a configuration names, sorted by name", async () => {
  write({
    "edge/haproxy.cfg": CONFIG,
    "edge/maps/routes.txt": "/ app\n",
    "edge/denied": "/private\n",
    "edge/503.http": "HTTP/1.1 503\r\n\r\n",
    "edge/notes.txt": "not named",
    "edge/site.pem": "a key",
    "edge/image/Dockerfile.prod": "FROM scratch\n",
    "edge/image/edge.Dockerfile": "FROM scratch\n",
    "edge/Containerfile": "FROM scratch\n",
    "edge/cloud/main.tf": "",
    "edge/cloud/main.tf.json": "{}",
    "edge/cloud/edge.auto.tfvars": "",
    "edge/cloud/.terraform/modules/x/main.tf": "",
    "edge/.git/config.yaml": "",
    "edge/node_modules/x/y.yaml": "",
    "edge/kubernetes/all.yml": "",
    "edge/resolv.conf.line": "options single-request\n",
  });
  const { files, leftOut } = await read();
  expect(files).toEqual([
    "edge/503.http",
    "edge/Containerfile",
    "edge/cloud/edge.auto.tfvars",
    "edge/cloud/main.tf",
    "edge/cloud/main.tf.json",
    "edge/denied",
    "edge/haproxy.cfg",
    "edge/image/Dockerfile.prod",
    "edge/image/edge.Dockerfile",
    "edge/kubernetes/all.yml",
    "edge/maps/routes.txt",
    "edge/resolv.conf.line",
  ]);
  expect(leftOut).toEqual([]);
  const wiring = await readWiring((await readFolder("edge", { cwd: root })).files);
  expect([...(wiring.haproxies[0]?.maps ?? [])].map(([path, { file }]) => `${path} ${file}`)).toEqual([
    "/etc/haproxy/denied edge/denied",
    "/etc/haproxy/routes.txt edge/maps/routes.txt",
    "/etc/haproxy/503.http edge/503.http",
  ]);
});

test("a folder without layers, and a missing one", async () => {
  write({ "edge/notes.txt": "" });
  expect(await read()).toEqual({ files: [], leftOut: ["error edge:1 no layer of an edge is in edge"] });
  expect(await read("gone")).toEqual({
    files: [],
    leftOut: ["error gone:1 cannot be read: there is no such file or folder"],
  });
});

test("links: to files, to nothing, to themselves, and to a folder above", async () => {
  write({ "edge/a/haproxy.cfg": CONFIG, "edge/real.yaml": "" });
  symlinkSync("real.yaml", join(root, "edge/link.yaml"));
  symlinkSync("nowhere.yaml", join(root, "edge/broken.yaml"));
  symlinkSync("loop.yaml", join(root, "edge/loop.yaml"));
  symlinkSync("..", join(root, "edge/a/up"));
  expect(await read()).toEqual({
    files: ["edge/a/haproxy.cfg", "edge/link.yaml", "edge/real.yaml"],
    leftOut: [
      "note edge/a/up:1 leads back to edge, which is read already",
      "error edge/broken.yaml:1 cannot be read: there is no such file or folder",
      "error edge/loop.yaml:1 cannot be read: it is a loop of symbolic links",
    ],
  });
});

test("links out of the folder are not followed, and are named", async () => {
  write({
    "edge/haproxy.cfg": CONFIG,
    "outside/secret.cfg": CONFIG,
    "outside/denied": "secret",
    "edge-2/x.cfg": CONFIG,
  });
  symlinkSync("../outside/secret.cfg", join(root, "edge/link.cfg"));
  symlinkSync(join(root, "outside/secret.cfg"), join(root, "edge/absolute.yaml"));
  symlinkSync("../outside", join(root, "edge/folder"));
  symlinkSync("../edge-2", join(root, "edge/sibling"));
  symlinkSync("../outside/denied", join(root, "edge/denied"));
  symlinkSync("/dev/zero", join(root, "edge/zero.map"));
  symlinkSync("/proc/self/environ", join(root, "edge/environ.tf"));
  symlinkSync("/dev/stdin", join(root, "edge/stdin.yaml"));
  const { files, leftOut } = await read();
  expect(files).toEqual(["edge/haproxy.cfg"]);
  expect(
    leftOut.map((one) => one.replace(/ (?:to a file|to a folder) outside, which is not followed$/, "")),
  ).toEqual([
    "error edge/absolute.yaml:1 is a link",
    "error edge/environ.tf:1 is a link",
    "note edge/folder:1 is a link",
    "error edge/link.cfg:1 is a link",
    "note edge/sibling:1 is a link",
    expect.stringMatching(/^error edge\/stdin.yaml:1 /),
    "error edge/zero.map:1 is a link",
  ]);
});

test("the given folder may be a link itself", async () => {
  write({ "real/haproxy.cfg": CONFIG });
  symlinkSync("real", join(root, "edge"));
  expect(await read()).toEqual({ files: ["edge/haproxy.cfg"], leftOut: [] });
});

test("a pipe and a socket are named, and do not block", async () => {
  write({ "edge/haproxy.cfg": CONFIG });
  execFileSync("mkfifo", [join(root, "edge/pipe.yaml")]);
  const server = createServer().listen(join(root, "edge/socket.tf"));
  await once(server, "listening");
  expect(await read()).toEqual({
    files: ["edge/haproxy.cfg"],
    leftOut: [
      "error edge/pipe.yaml:1 not read: not a regular file",
      "error edge/socket.tf:1 not read: not a regular file",
    ],
  });
  server.close();
});

describe("limits of a folder", () => {
  test("nested folders", async () => {
    const deep = `edge/${"d/".repeat(MAX_FOLDER_DEPTH)}`;
    write({ [`${deep}haproxy.cfg`]: CONFIG, [`${deep}e/haproxy.cfg`]: CONFIG });
    const { files, leftOut } = await read();
    expect(files).toEqual([`${deep}haproxy.cfg`]);
    expect(leftOut).toEqual([`error ${deep}e:1 not read: it is more than ${MAX_FOLDER_DEPTH} folders deep`]);
  });

  test.each([
    ["lines", "b.cfg", "#\n".repeat(MAX_PARTS)],
    ["commas in one line", "b.json", `{"apiVersion":"v1","a":[${"1,".repeat(MAX_PARTS)}1]}`],
    ["documents", "b.yaml", `apiVersion: v1\n${"---\n".repeat(MAX_PARTS)}`],
  ])("%s: the file that passes it and those after it are named and not read", async (_, file, text) => {
    write({ "edge/a.cfg": CONFIG, [`edge/${file}`]: text, "edge/c.cfg": CONFIG, "edge/d.cfg": CONFIG });
    const { files, leftOut } = await readFolder("edge", { cwd: root });
    expect(files.map(({ file: name }) => name)).toEqual(["edge/a.cfg"]);
    expect(leftOut).toEqual([
      {
        what: "not read: the files of this folder exceed the limit of 400,000 lines, and entries of lists and maps",
        why: "The file was not examined, nor 2 more after it by name. Check the folders one by one.",
        severity: "error",
        at: { file: `edge/${file}`, line: 1, column: 1 },
      },
    ]);
  });

  test("maps are not parsed, and do not count towards the limit", async () => {
    write({ "edge/a.map": "x y\n".repeat(MAX_PARTS), "edge/b.cfg": CONFIG });
    expect(await read()).toEqual({ files: ["edge/a.map", "edge/b.cfg"], leftOut: [] });
  });
});

test("100 MB, a binary file and a file that is one byte too large are named and not read; the rest is", async () => {
  write({ "edge/haproxy.cfg": CONFIG, "edge/huge.yaml": "", "edge/over.tf": "", "edge/binary.yaml": "a\0b" });
  truncateSync(join(root, "edge/huge.yaml"), 100_000_000);
  truncateSync(join(root, "edge/over.tf"), MAX_FILE_BYTES + 1);
  expect(await read()).toEqual({
    files: ["edge/haproxy.cfg"],
    leftOut: [
      "error edge/binary.yaml:1 not read: it is not text",
      "error edge/huge.yaml:1 not read: it is larger than 32 MiB",
      "error edge/over.tf:1 not read: it is larger than 32 MiB",
    ],
  });
});

test("files without read permission are named", async () => {
  write({ "edge/haproxy.cfg": CONFIG, "edge/secret.yaml": "" });
  chmodSync(join(root, "edge/secret.yaml"), 0);
  const { files, leftOut } = await read();
  // Root can read it anyway.
  if (files.includes("edge/secret.yaml")) expect(process.getuid?.()).toBe(0);
  else expect(leftOut).toEqual(["error edge/secret.yaml:1 cannot be read: permission denied"]);
});

describe("a haproxy.cfg", () => {
  test("truncated in the middle of a line: the line is reported, and the lines above are read", async () => {
    write({ "edge/haproxy.cfg": `${CONFIG}  bind *:44` });
    const { files, leftOut } = await readFolder("edge", { cwd: root });
    const wiring = await readWiring(files, leftOut);
    expect(wiring.haproxies[0]?.wiring.binds[0]?.address.text).toBe("*:80");
    expect(wiring.leftOut.filter(({ severity }) => severity === "error")).toEqual([
      {
        what: "the file ends in the middle of a line",
        why: "HAProxy refuses to start with this line (`bind`); the others are read.",
        severity: "error",
        at: { file: "edge/haproxy.cfg", line: 6, column: 12 },
        fix: {
          does: "ends the file with a line break",
          edits: [{ file: "edge/haproxy.cfg", line: 6, column: 12, endLine: 6, endColumn: 12, text: "\n" }],
        },
      },
    ]);
  });

  test("a file of another program is reported as not HAProxy's", async () => {
    write({ "edge/haproxy.cfg": CONFIG, "edge/setup.cfg": "[metadata]\nname = x\n" });
    const { files, leftOut } = await readFolder("edge", { cwd: root });
    const wiring = await readWiring(files, leftOut);
    expect(wiring.haproxies).toHaveLength(1);
    expect(wiring.leftOut.map(({ what, at }) => `${at.file} ${what}`)).toContain(
      "edge/setup.cfg is not a layer: no `apiVersion` and `kind`, no HAProxy section",
    );
  });
});

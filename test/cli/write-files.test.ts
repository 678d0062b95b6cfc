// Rendering one layer replaces the files of that layer only, and nothing is written outside the folder that was named.
import { createHash } from "node:crypto";
import {
  chmodSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRendered } from "../../src/cli/rendered-folder.ts";
import { replaceFiles } from "../../src/cli/replace-files.ts";
import { writeFiles } from "../../src/cli/write-files.ts";
import { folderWith } from "./portico.ts";

const file = (path: string, content: string) => ({ path, content });

test("an edited file of another layer does not block the render", () => {
  const folder = folderWith({});
  const both = [file("haproxy/haproxy.cfg", "a\n"), file("image/Dockerfile", "b\n")];
  expect(writeFiles(folder, both, { force: false }).kind).toBe("written");
  writeFileSync(join(folder, "image/Dockerfile"), "by hand\n");
  const one = [file("haproxy/haproxy.cfg", "c\n")];
  expect(writeFiles(folder, one, { force: false })).toEqual({
    kind: "written",
    written: ["haproxy/haproxy.cfg"],
    removed: [],
  });
  expect(readFileSync(join(folder, "image/Dockerfile"), "utf8")).toBe("by hand\n");
  // It is still recorded as edited.
  expect(writeFiles(folder, both, { force: false })).toMatchObject({
    kind: "refused",
    files: ["image/Dockerfile"],
  });
});

test("a file with a secret, and the record of its hash, is readable only by its owner, also where others could read it before", () => {
  const folder = folderWith({});
  const mode = (path: string) => (statSync(join(folder, path)).mode & 0o777).toString(8);
  const secret = { ...file("kubernetes/secret.yaml", "s\n"), secret: true };
  const plain = file("kubernetes/service.yaml", "p\n");
  writeFileSync(join(folder, ".portico-rendered.json.portico-new"), "left by an interrupted run", {
    mode: 0o644,
  });
  expect(writeFiles(folder, [secret, plain], { force: false }).kind).toBe("written");
  expect([mode(secret.path), mode(".portico-rendered.json"), mode(plain.path)]).toEqual([
    "600",
    "600",
    "644",
  ]);
  chmodSync(join(folder, secret.path), 0o644);
  expect(writeFiles(folder, [secret, plain], { force: false })).toMatchObject({ written: [secret.path] });
  expect(mode(secret.path)).toBe("600");
});

describe("nothing is written or removed outside the folder", () => {
  const outside = () => folderWith({ "haproxy.cfg": "anybody's\n", id_rsa: "a key\n" });
  const cfg = [file("haproxy/haproxy.cfg", "ours\n")];

  test("a folder in it is a link", () => {
    const [folder, other] = [folderWith({}), outside()];
    symlinkSync(other, join(folder, "haproxy"));
    expect(writeFiles(folder, cfg, { force: true })).toMatchObject({
      kind: "failed",
      because: expect.stringContaining("points outside of the folder"),
    });
    expect(readdirSync(other).sort()).toEqual(["haproxy.cfg", "id_rsa"]);
    expect(readFileSync(join(other, "haproxy.cfg"), "utf8")).toBe("anybody's\n");
  });

  test("no folder is created below a linked folder", () => {
    const [folder, other] = [folderWith({}), outside()];
    symlinkSync(other, join(folder, "haproxy"));
    const deep = [file("haproxy/maps/hosts.map", "ours\n")];
    expect(writeFiles(folder, deep, { force: true }).kind).toBe("failed");
    expect(readdirSync(other).sort()).toEqual(["haproxy.cfg", "id_rsa"]);
  });

  test.each(["haproxy/haproxy.cfg", "haproxy/haproxy.cfg.portico-new"])("%s is a link", (path) => {
    const [folder, other] = [folderWith({ "haproxy/x": "" }), outside()];
    symlinkSync(join(other, "id_rsa"), join(folder, path));
    expect(writeFiles(folder, cfg, { force: true }).kind).toBe("written");
    expect(readFileSync(join(other, "id_rsa"), "utf8")).toBe("a key\n");
    expect(readFileSync(join(folder, "haproxy/haproxy.cfg"), "utf8")).toBe("ours\n");
    expect(lstatSync(join(folder, "haproxy/haproxy.cfg")).isSymbolicLink()).toBe(false);
  });

  test("a hard link: the content under the other name is unchanged", () => {
    const [folder, other] = [folderWith({ "haproxy/x": "" }), outside()];
    linkSync(join(other, "id_rsa"), join(folder, "haproxy/haproxy.cfg"));
    expect(writeFiles(folder, cfg, { force: true }).kind).toBe("written");
    expect(readFileSync(join(other, "id_rsa"), "utf8")).toBe("a key\n");
  });

  test.each(["haproxy/../../victim", "../victim", "/victim", "haproxy\\..\\victim"])(
    "a record that names %s removes nothing",
    (path) => {
      const above = folderWith({ victim: "x\n", "out/x": "" });
      const folder = join(above, "out");
      const digest = createHash("sha256").update("x\n").digest("hex");
      writeFileSync(join(folder, ".portico-rendered.json"), JSON.stringify({ files: { [path]: digest } }));
      expect(writeFiles(folder, cfg, { force: true })).toMatchObject({ kind: "written", removed: [] });
      expect(readFileSync(join(above, "victim"), "utf8")).toBe("x\n");
    },
  );

  test("a stale file behind a folder that has become a link is not removed", () => {
    const [folder, other] = [folderWith({}), outside()];
    expect(writeFiles(folder, [...cfg, file("haproxy/maps/id_rsa", "a key\n")], { force: false }).kind).toBe(
      "written",
    );
    rmSync(join(folder, "haproxy/maps"), { recursive: true });
    symlinkSync(other, join(folder, "haproxy/maps"));
    expect(writeFiles(folder, cfg, { force: true }).kind).toBe("failed");
    expect(readFileSync(join(other, "id_rsa"), "utf8")).toBe("a key\n");
  });
});

test.each(["x.yaml", "link.yaml"])("a new file does not replace one that exists: %s", (path) => {
  const cwd = folderWith({ "x.yaml": "a\n" });
  symlinkSync("missing.yaml", join(cwd, "link.yaml"));
  expect(replaceFiles(cwd, ".", [{ file: path, before: undefined, after: "b\n" }])).toContain(
    "exists already",
  );
  expect(readFileSync(join(cwd, "x.yaml"), "utf8")).toBe("a\n");
  expect(readdirSync(cwd).sort()).toEqual(["link.yaml", "x.yaml"]);
});

describe("--fix replaces only files of the folder", () => {
  const replace = (cwd: string, path: string) =>
    replaceFiles(cwd, "edge", [{ file: path, before: "a\n", after: "b\n" }]);

  test.each([
    ["a link to a file outside", "link.cfg"],
    ["a file behind a link to a folder outside", "other/x.cfg"],
    ["a path with ..", "../other/x.cfg"],
  ])("%s is refused", (_, path) => {
    const cwd = folderWith({ "edge/haproxy.cfg": "a\n", "other/x.cfg": "a\n" });
    symlinkSync("../other/x.cfg", join(cwd, "edge/link.cfg"));
    symlinkSync("../other", join(cwd, "edge/other"));
    expect(replace(cwd, `edge/${path}`)).toContain("points outside of the folder");
    expect(readFileSync(join(cwd, "other/x.cfg"), "utf8")).toBe("a\n");
    expect(readdirSync(join(cwd, "other"))).toEqual(["x.cfg"]);
  });

  test("a link at the path of the temporary file is not written through", () => {
    const cwd = folderWith({ "edge/haproxy.cfg": "a\n", "other/x": "a\n" });
    symlinkSync("../other/x", join(cwd, "edge/haproxy.cfg.portico-new"));
    expect(replace(cwd, "edge/haproxy.cfg")).toBeNull();
    expect(readFileSync(join(cwd, "other/x"), "utf8")).toBe("a\n");
    expect(readFileSync(join(cwd, "edge/haproxy.cfg"), "utf8")).toBe("b\n");
  });

  test("a hard link: the content under the other name is unchanged", () => {
    const cwd = folderWith({ "edge/x": "", "other/x": "a\n" });
    linkSync(join(cwd, "other/x"), join(cwd, "edge/haproxy.cfg"));
    expect(replace(cwd, "edge/haproxy.cfg")).toBeNull();
    expect(readFileSync(join(cwd, "other/x"), "utf8")).toBe("a\n");
  });
});

test("only files of the folder are compared", () => {
  const cwd = folderWith({ "out/haproxy/x": "", secret: "a key\n" });
  symlinkSync("../../secret", join(cwd, "out/haproxy/haproxy.cfg"));
  const { texts } = readRendered(cwd, "out", [file("haproxy/haproxy.cfg", "ours\n")], []);
  expect([...texts]).toContainEqual(["haproxy/haproxy.cfg", undefined]);
});

// Rendering one layer minds the files of that layer only.
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFiles } from "../../src/cli/write-files.ts";
import { folderWith } from "./portico.ts";

const file = (path: string, content: string) => ({ path, content });

test("an edited file of another layer stands in nobody's way", () => {
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
  // And it is still known to be edited.
  expect(writeFiles(folder, both, { force: false })).toMatchObject({
    kind: "refused",
    files: ["image/Dockerfile"],
  });
});

test("a file with a secret, and the record of its hash, is its owner's alone, also where others could read it before", () => {
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

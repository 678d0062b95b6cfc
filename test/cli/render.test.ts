// Rendering into folders with obstacles: all files are replaced or none, and hand-written files are not replaced.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

function contents(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(folder, file), readFileSync(file, "utf8")]),
  );
}

const CHANGED = DESCRIPTION.replace("edge: app", "edge: other").replace("/api,", "/v2,");

test("a full disk during the write leaves every file unchanged, and no temporary file", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION });
  expect(await portico(["render"], { cwd })).toMatchObject({ status: 0 });
  const before = contents(join(cwd, "out"));
  writeFileSync(join(cwd, "portico.yaml"), CHANGED);
  // The file size limit is smaller than haproxy.cfg and larger than the maps: the write fails halfway.
  const { status, stdout, stderr } = await portico(["render"], { cwd, through: 'ulimit -f 4; exec "$@"' });
  expect(stderr).toMatch(
    /^nothing was written: \S+haproxy\.cfg: it would be larger than a file may be here /,
  );
  expect([status, stdout]).toEqual([2, ""]);
  expect(contents(join(cwd, "out"))).toEqual(before);
  expect(await portico(["render"], { cwd })).toMatchObject({ status: 0 });
  expect(contents(join(cwd, "out"))).not.toEqual(before);
});

test("a file in the place of the output folder, of a folder in it, and a folder in the place of a file", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION, file: "mine", "a/haproxy": "mine too" });
  mkdirSync(join(cwd, "b/haproxy/paths.map"), { recursive: true });
  for (const out of ["file", "file/below", "a", "b"]) {
    const { status, stdout, stderr } = await portico(["render", "-o", out], { cwd });
    expect(stderr).toMatch(/^nothing was written: /);
    expect([status, stdout]).toEqual([2, ""]);
  }
  expect(contents(cwd)).toEqual({ "portico.yaml": DESCRIPTION, file: "mine", "a/haproxy": "mine too" });
});

test("a file edited by hand is not replaced without --force, and no other file is either", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION });
  await portico(["render"], { cwd });
  const edited = join(cwd, "out/haproxy/hosts.map");
  writeFileSync(edited, `${readFileSync(edited, "utf8")}# by hand\n`);
  writeFileSync(join(cwd, "portico.yaml"), CHANGED);
  const before = contents(join(cwd, "out"));
  const refused = await portico(["render"], { cwd });
  expect(refused).toMatchObject({
    status: 1,
    stdout: "",
    stderr: expect.stringContaining("out/haproxy/hosts.map"),
  });
  expect(refused.stderr).toContain("--force");
  expect(contents(join(cwd, "out"))).toEqual(before);
  expect(await portico(["render", "--verify"], { cwd })).toMatchObject({ status: 1, stdout: "" });
  expect(await portico(["render", "--force"], { cwd })).toMatchObject({ status: 0 });
  expect(readFileSync(edited, "utf8")).not.toContain("by hand");
  expect(await portico(["render", "--verify"], { cwd })).toMatchObject({ status: 0, stdout: "", stderr: "" });
});

test("a file that Portico did not write is not replaced, and one that is no longer rendered is removed", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION, "out/haproxy/haproxy.cfg": "# by hand\n" });
  expect(await portico(["render"], { cwd })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("out/haproxy/haproxy.cfg"),
  });
  expect(contents(join(cwd, "out"))).toEqual({ "haproxy/haproxy.cfg": "# by hand\n" });

  writeFileSync(
    join(cwd, "portico.yaml"),
    DESCRIPTION.replace("{ path: /api, to: api }", "{ path: { exact: /api }, to: api }"),
  );
  await portico(["render", "--force"], { cwd });
  expect(Object.keys(contents(join(cwd, "out")))).toContain("haproxy/exact-paths.map");
  writeFileSync(join(cwd, "portico.yaml"), DESCRIPTION);
  const { status, stdout } = await portico(["render", "--json"], { cwd });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ removed: ["haproxy/exact-paths.map"] });
  expect(Object.keys(contents(join(cwd, "out")))).not.toContain("haproxy/exact-paths.map");
});

test("an image without a registry: a note where manifests are written, and nowhere else", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION });
  const noted = await portico(["render"], { cwd });
  expect(noted).toMatchObject({ status: 0, stderr: expect.stringContaining("image-without-registry") });
  expect(noted.stderr).toContain("registry.example.com/app-edge");
  const json = await portico(["render", "--json"], { cwd });
  expect(JSON.parse(json.stdout)).toMatchObject({
    findings: [{ code: "image-without-registry", severity: "note" }],
  });
  expect(await portico(["render", "--layer", "haproxy", "-o", "alone"], { cwd })).toMatchObject({
    status: 0,
    stderr: "",
  });
  const named = `${DESCRIPTION}image: { repository: registry.example.com/web/app-edge }\n`;
  writeFileSync(join(cwd, "portico.yaml"), named);
  expect(await portico(["render"], { cwd })).toMatchObject({ status: 0, stderr: "" });
});

// Rendering one layer minds the files of that layer only.
import { readFileSync, writeFileSync } from "node:fs";
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

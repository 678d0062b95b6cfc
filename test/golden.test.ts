// Golden cases: a description each, and the rendered files of its layers. `npm run golden` rewrites them; review the diff.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DESCRIPTION, goldenCase } from "./golden-files.ts";
import { findAllHaproxies } from "./haproxy/all-haproxies.ts";
import { openLoadables } from "./loadable.ts";

const root = join(import.meta.dirname, "golden");
const names = readdirSync(root).sort();
const haproxies = await findAllHaproxies();
const loadables = openLoadables();
afterAll(() => loadables.remove());

test("there are cases, each in its own folder without other files", () => {
  expect(names.length).toBeGreaterThanOrEqual(25);
  expect(haproxies.length).toBeGreaterThan(0);
  for (const name of names) expect(readdirSync(join(root, name))).toContain(DESCRIPTION);
});

describe.each(names)("%s", (name) => {
  const folder = join(root, name);

  test("renders exactly the files in its folder", async () => {
    const { files } = await goldenCase(folder);
    expect(Object.fromEntries(filesBelow(folder).filter(([path]) => path !== DESCRIPTION))).toEqual(
      Object.fromEntries(files),
    );
  });

  test("is refused with an error only if its name starts with `refused-`", async () => {
    const { plan, findings } = await goldenCase(folder);
    expect(plan === null).toBe(name.startsWith("refused-"));
    if (plan === null) expect(findings.map(({ severity }) => severity)).toContain("error");
  });

  const emitted = filesBelow(folder)
    .filter(([path]) => path.startsWith("haproxy/"))
    .map(([path, content]) => ({ path, content }));
  if (emitted.length === 0) return;

  test.each(haproxies)("HAProxy $version loads it without a warning", async (haproxy) => {
    expect(await loadables.objections(haproxy, emitted)).toBe("");
  });
});

function filesBelow(folder: string): readonly (readonly [path: string, content: string])[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return entries.map((entry) => {
    const file = join(entry.parentPath, entry.name);
    return [relative(folder, file), readFileSync(file, "utf8")] as const;
  });
}

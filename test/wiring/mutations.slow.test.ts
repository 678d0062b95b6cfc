// Reading a damaged file never throws, and has the same result each time.
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_OBJECTS } from "../../src/source/limits.ts";
import { readFolder } from "../../src/wiring/read-folder.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { pathLine } from "./dump.ts";

const root = join(import.meta.dirname, "../..");
const folders = ["examples/hand-written", "test/golden/kubernetes-elb-classic/kubernetes"];
const originals = await Promise.all(
  folders.map(async (folder) => (await readFolder(".", { cwd: join(root, folder) })).files),
);

/** Insertions: characters and fragments with a meaning for any of the readers. */
const piece = fc.oneof(
  fc.constantFrom(
    "\t",
    "\n",
    "\r",
    " ",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "|",
    ">",
    "&a ",
    "*a",
    "<<: ",
    "#",
    "\0",
  ),
  fc.constantFrom(
    "---\n",
    "...\n",
    "null",
    "{{ x }}",
    "!!binary ",
    "__proto__",
    "\uFEFF",
    "\ud800",
    "${",
    "0x",
    "-1",
    "1e99",
  ),
  fc.string({ maxLength: 4 }),
);
const mutation = fc.record({ at: fc.nat(1_000_000), remove: fc.nat(40), insert: piece });

test("random changes of real files", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...originals),
      fc.nat(100),
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      async (files, which, mutations) => {
        const changed = files.map((file, index) =>
          index === which % files.length ? { ...file, text: mutations.reduce(mutate, file.text) } : file,
        );
        const wiring = await readWiring(changed);
        for (const { at, what, why } of wiring.leftOut) {
          expect(`${what}${why}`).not.toBe("");
          expect(files.map(({ file }) => file)).toContain(at.file);
          expect(Math.min(at.line, at.column)).toBeGreaterThan(0);
        }
        const again = await readWiring(changed);
        expect(again.trafficPaths.map(pathLine)).toEqual(wiring.trafficPaths.map(pathLine));
        expect(again.leftOut).toEqual(wiring.leftOut);
      },
    ),
    { numRuns: 200 },
  );
});

function mutate(
  text: string,
  { at, remove, insert }: { at: number; remove: number; insert: string },
): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + insert + text.slice(start + remove);
}

test("as many objects as the limit allows are read, and each is found", async () => {
  const [handWritten = []] = originals;
  const { objects } = await readWiring(handWritten);
  const count = MAX_OBJECTS - objects.length;
  const services = Array.from(
    { length: count },
    (_, index) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: s${index}, namespace: web}\nspec: {selector: {app: a${index}}, ports: [{port: 80}]}\n`,
  );
  const wiring = await readWiring([...handWritten, { file: "all.yaml", text: services.join("---\n") }]);
  expect(wiring.services).toHaveLength(count + 1);
  expect(wiring.services.at(-1)?.at.line).toBe((count - 1) * 5 + 2);
  expect(wiring.trafficPaths).toHaveLength(6);
  expect(wiring.leftOut).toEqual([]);
});

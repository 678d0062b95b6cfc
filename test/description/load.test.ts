// Which file is read, and the positions of its values.
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadDescription } from "../../src/description/load.ts";
import { inFolder, load, shown } from "./written.ts";

const YAML = `edge: app
sites:
  - host: a.example
    routes:
      - { path: /x, to: app }
      - to: app
backends:
  app: { service: app }
`;
const CONFIG = `export default { edge: "app", sites: [{ host: "a.example", routes: [{ to: "app" }] }], backends: { app: { service: "app" } } };\n`;

describe("without a path", () => {
  test.each([
    ["portico.yaml", YAML],
    ["portico.yml", YAML],
    ["portico.config.ts", CONFIG],
    ["portico.config.mjs", CONFIG],
  ])("%s is read", async (name, text) => {
    const { value, findings } = await load({ [name]: text });
    expect(findings).toEqual([]);
    expect(value).toMatchObject({ file: name, edge: { edge: "app" } });
  });

  test("no description is a finding", async () => {
    expect(await shown({ "other.yaml": YAML })).toMatchInlineSnapshot(`
      "error  description-not-found   no description here

         Looked for portico.yaml, portico.yml, portico.config.ts, portico.config.mts, portico.config.js
         and portico.config.mjs. Name the file, or let \`portico init\` write a first one.
                                                                     portico finding description-not-found
      "
    `);
  });

  test("several descriptions are a finding", async () => {
    expect(await shown({ "portico.yaml": YAML, "portico.config.ts": CONFIG })).toMatchInlineSnapshot(`
      "error  description-ambiguous   several descriptions here: portico.yaml, portico.config.ts

         Portico reads one description, and does not choose between several. Name one of them on the
         command line, or remove the others.                         portico finding description-ambiguous
      "
    `);
  });
});

describe("with a path", () => {
  test("a file is named in positions as the user named it", async () => {
    const { value } = await load({ "edges/web.yaml": YAML }, "edges/web.yaml");
    expect(value?.file).toBe("edges/web.yaml");
    expect(value?.positionOf(["edge"])).toEqual({ file: "edges/web.yaml", line: 1, column: 7, length: 3 });
    expect([...(value?.sources ?? [])]).toEqual([["edges/web.yaml", YAML]]);
  });

  test("a folder is searched", async () => {
    const { value } = await load({ "web/portico.yaml": YAML }, "web");
    expect(value?.file).toBe(join("web", "portico.yaml"));
  });

  test("an absolute path remains absolute", () =>
    inFolder({ "portico.yaml": YAML }, async (cwd) => {
      const { value } = await loadDescription(join(cwd, "portico.yaml"), { cwd: "/" });
      expect(value?.file).toBe(join(cwd, "portico.yaml"));
    }));

  test("a misspelt path: the finding names the nearest file", async () => {
    expect(await shown({ "portico.yaml": YAML }, "portcio.yaml")).toMatchInlineSnapshot(`
      "error  description-not-found   portcio.yaml does not exist

         Every command needs a description. Did you mean portico.yaml?
                                                                     portico finding description-not-found
      "
    `);
  });

  test("an empty folder is a finding", () =>
    inFolder({}, async (cwd) => {
      await mkdir(join(cwd, "web"));
      const { findings } = await loadDescription("web", { cwd });
      expect(findings).toMatchObject([{ code: "description-not-found", what: "no description in web" }]);
    }));

  test("a NUL in the path is a finding", async () => {
    expect((await load({}, "a\0b")).findings).toMatchObject([{ code: "description-not-found" }]);
  });

  test("a link to itself is a finding", () =>
    inFolder({}, async (cwd) => {
      await symlink("portico.yaml", join(cwd, "portico.yaml"));
      const { findings } = await loadDescription("portico.yaml", { cwd });
      expect(findings).toMatchObject([{ code: "description-unreadable" }]);
    }));
});

describe("positions", () => {
  test.each([
    [["edge"], {}, 1, 7, 3],
    [["edge"], { key: true }, 1, 1, 4],
    [["sites", 0], {}, 3, 5, 15],
    [["sites", 0, "host"], {}, 3, 11, 9],
    [["sites", 0, "routes"], { key: true }, 4, 5, 6],
    [["sites", 0, "routes", 0], {}, 5, 9, 21],
    [["sites", 0, "routes", 0, "to"], {}, 5, 25, 3],
    [["sites", 0, "routes", 1], {}, 6, 9, 7],
    [["backends", "app"], { key: true }, 8, 3, 3],
  ] as const)("of %j %j", async (path, options, line, column, length) => {
    const { value } = await load({ "portico.yaml": YAML });
    expect(value?.positionOf(path, options)).toEqual({ file: "portico.yaml", line, column, length });
  });

  test.each([[["nothing"]], [["sites", 1]], [["sites", "0"]], [["edge", "deeper"]]])(
    "%j has no position",
    async (path) => {
      const { value } = await load({ "portico.yaml": YAML });
      expect(value?.positionOf(path)).toBeUndefined();
    },
  );
});

test("10,000 routes have their positions", async () => {
  const routes = Array.from({ length: 10_000 }, (_, index) => `      - { path: /x${index}, to: app }`);
  const { value } = await load({
    "portico.yaml": `edge: app\nsites:\n  - host: a.example\n    routes:\n${routes.join("\n")}\nbackends: { app: { service: app } }\n`,
  });
  expect(value?.edge.sites[0]?.routes).toHaveLength(10_000);
  expect(value?.positionOf(["sites", 0, "routes", 9_999])).toMatchObject({ line: 10_004, column: 9 });
});

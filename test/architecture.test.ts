// Which folders of src/ may import which, and the style rules that a program can check.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { LAYERS } from "../src/emit/file.ts";

/** Which folder may import which, downward only: the table in CONTRIBUTING.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  [
    ...readFileSync(join(import.meta.dirname, "../CONTRIBUTING.md"), "utf8").matchAll(
      /^\| `src\/([\w.]+)\/?` \|.*\| ([^|]*) \|$/gm,
    ),
  ].map(([, room = "", rooms = ""]) => [room, rooms === "none" ? [] : rooms.split(", ")]),
);

/** Layers of the emitter do not import each other: what two of them must agree on is in the plan. */
const isolated = LAYERS.map((layer) => `emit/${layer}`);

/** Files outside cli/ that touch the process they run in, each with the reason. */
const touchesProcess: Readonly<Record<string, string>> = {
  "description/config/worker.ts":
    "is a separate process, which runs a user's portico.config.ts and protects stdout from it",
  "lab/open-lab.ts":
    "the library's entry point: paths in a description count from the working directory unless given another",
  "haproxy/find.ts":
    "looks for HAProxy on PATH and in $PORTICO_HAPROXY unless given an environment; installs differ by platform",
  "temporary/temporary-folder.ts": "temporary files are removed when the process exits",
  "haproxy/guardian.ts":
    "HAProxy inherits the environment unless given one; a process group is stopped by process.kill",
  "haproxy/confinement.ts": "looks for bwrap, unshare and setpriv on PATH; root uses another sandbox",
};

const forbiddenWords = ["util", "utils", "helper", "helpers", "common", "manager", "misc"];

interface SourceFile {
  /** From src/, with `/`. */
  readonly path: string;
  readonly text: string;
}

const src = fileURLToPath(new URL("../src", import.meta.url));
const sources: readonly SourceFile[] = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((file) => ({ path: relative(src, file).replaceAll("\\", "/"), text: readFileSync(file, "utf8") }));

/** Every rule returns one line per violation, and none for a file without a violation. */
const rules: Readonly<Record<string, (file: SourceFile) => readonly string[]>> = {
  "imports go downward only": (file) =>
    importsOf(file)
      .filter((target) => !isAllowedEdge(file.path, target))
      .map((target) => `${file.path} imports ${target}`),

  "emitters do not import each other": (file) => {
    const own = isolated.find((room) => file.path.startsWith(`${room}/`));
    if (own === undefined) return [];
    return importsOf(file)
      .filter((target) => isolated.some((room) => room !== own && target.startsWith(`${room}/`)))
      .map((target) => `${file.path} imports ${target}`);
  },

  "named exports only": ({ path, text }) =>
    /^export (default\b|\{[^}]*\bas default\b)/m.test(codeOf(text)) ? [`${path} has a default export`] : [],

  "the first line is a comment about the file's purpose": ({ path, text }) =>
    /^(#!.*\n)?(\/\/ \S.{10,}|\/\*\* \S.{10,})/.test(text) ? [] : [`${path} does not begin with a comment`],

  "only cli touches process and console": ({ path, text }) => {
    if (path.startsWith("cli/") || path in touchesProcess) return [];
    if (/from "node:process"/.test(text)) return [`${path} imports node:process`];
    const touched = codeOf(text).match(
      /\bconsole\.(log|error|warn|info|debug)\b|\bprocess\.(argv|cwd|env|exit|exitCode|std(in|out|err)|(on|once)\(")/,
    );
    return touched === null ? [] : [`${path} uses ${touched[0]}`];
  },

  "emitters and the model are pure: no clock, no random value, no file, no network": ({ path, text }) => {
    if (!/^(model|emit)\//.test(path)) return [];
    const impure =
      codeOf(text).match(/\bDate\b|\bMath\.random\b|\brandom(Bytes|UUID|Int)\b|\bperformance\.|\bfetch\(/) ??
      text.match(/from "node:(?!(crypto|net|path|util)")[^"]*"/);
    return impure === null ? [] : [`${path} uses ${impure[0]}`];
  },

  "file names are specific": ({ path }) =>
    path.split(/[/.-]/).some((word) => forbiddenWords.includes(word))
      ? [`${path} has an unspecific name`]
      : [],

  "file names are kebab-case": ({ path }) =>
    /^([a-z0-9-]+\/)*[a-z0-9-]+\.ts$/.test(path) ? [] : [`${path} is not kebab-case`],

  "every suppression of the type checker has a reason": ({ path, text }) =>
    [...text.matchAll(/@ts-(ignore|nocheck|expect-error)(.*)/g)]
      .filter(([, kind, reason]) => kind !== "expect-error" || (reason ?? "").trim().length < 10)
      .map(([found]) => `${path}: ${found}`),
};

test("the sources are found", () => {
  expect(sources.length).toBeGreaterThan(20);
});

test.each(Object.entries(rules))("%s", (_, rule) => {
  expect(sources.flatMap(rule)).toEqual([]);
});

test("every folder of src/ is in the table, and every exception is still needed", () => {
  const rooms = new Set(sources.map(({ path }) => roomOf(path)));
  expect([...rooms].filter((room) => !(room in mayImport))).toEqual([]);
  const stillTouching = sources.filter(
    ({ path, text }) => path in touchesProcess && /\bprocess\./.test(text),
  );
  expect(stillTouching.map(({ path }) => path).sort()).toEqual(Object.keys(touchesProcess).sort());
});

describe("every export of src/ is used by src/", () => {
  test("by another file or in its own: exports for tests and scripts only are not in src/", () => {
    expect(unusedExports(sources)).toEqual([]);
  });

  test("an export that only a test imports is found", () => {
    const files = [
      { path: "plan/plan.ts", text: "export interface Plan {}\nexport function planOf(): Plan {}\n" },
      { path: "cli/main.ts", text: 'const { planOf } = await import("../plan/plan.ts");\n' },
      {
        path: "plan/other.ts",
        text: 'import type { Plan } from "./plan.ts";\nexport type Other = Plan; // Other\n',
      },
    ];
    expect(unusedExports(files)).toEqual(["plan/other.ts exports Other"]);
  });
});

describe("no import cycle at runtime", () => {
  test("in all of src/", () => {
    expect(importCycles(sources)).toEqual([]);
  });

  test("a cycle is found; one of type imports only is ignored", () => {
    const cycle = (more: string) => [
      { path: "plan/a.ts", text: 'import { b } from "./b.ts";\n' },
      { path: "plan/b.ts", text: `${more} from "./a.ts";\n` },
    ];
    expect(importCycles(cycle("import { a }"))).toEqual(["plan/a.ts → plan/b.ts → plan/a.ts"]);
    expect(importCycles(cycle("import { type A, a }"))).toHaveLength(1);
    expect(importCycles(cycle("import type { A }"))).toEqual([]);
    expect(importCycles(cycle("import { type A, type B }"))).toEqual([]);
  });
});

describe("nothing reads outside the repository", () => {
  const root = join(src, "..");
  const code = execFileSync("git", ["ls-files", "-z", "src", "test", "scripts", "bench", "security", "bin"], {
    cwd: root,
    encoding: "utf8",
  })
    .split("\0")
    .filter((path) => /\.(m?ts|mjs|lua|pl|sh)$|^(bin|scripts)\/[^.]+$/.test(path));

  test("no string contains a path out of it", () => {
    expect(code.length).toBeGreaterThan(sources.length);
    expect(code.flatMap((path) => pathsThatLeave(path, readFileSync(join(root, path), "utf8")))).toEqual([]);
  });

  test("a path out of it is found", () => {
    const up = (levels: number) => `"${"../".repeat(levels)}shared/seed"`;
    expect(pathsThatLeave("test/lab/a.test.ts", `join(import.meta.dirname, ${up(3)})`)).toHaveLength(1);
    expect(pathsThatLeave("scripts/a.mjs", `new URL(\`${"../".repeat(2)}x\`, import.meta.url)`)).toHaveLength(
      1,
    );
    expect(pathsThatLeave("test/lab/a.test.ts", `join(import.meta.dirname, ${up(2)})`)).toEqual([]);
  });
});

describe("the rules can fail", () => {
  const PURE = "emitters and the model are pure: no clock, no random value, no file, no network";
  const purpose = "// What this file is about, in a line.\n";
  const broken: readonly (readonly [rule: string, path: string, text: string])[] = [
    ["imports go downward only", "wiring/read.ts", 'import type { Plan } from "../plan/plan.ts";'],
    ["imports go downward only", "plan/plan.ts", 'import {\n  a,\n  b,\n} from "../emit/a.ts";'],
    ["imports go downward only", "findings/finding.ts", 'export * from "../plan/plan.ts";'],
    ["imports go downward only", "model/answer.ts", 'const late = await import("../lab/lab.ts");'],
    ["imports go downward only", "model/answer.ts", 'import "../index.ts";'],
    ["emitters do not import each other", "emit/image/image.ts", 'import { a } from "../haproxy/a.ts";'],
    ["named exports only", "plan/plan.ts", "export default 1;"],
    ["named exports only", "plan/plan.ts", "export { plan as default };"],
    ["the first line is a comment about the file's purpose", "plan/plan.ts", 'import { a } from "./a.ts";'],
    ["only cli touches process and console", "plan/plan.ts", "console.log(1);"],
    ["only cli touches process and console", "lab/lab.ts", 'process.on("SIGINT", stop);'],
    ["only cli touches process and console", "lab/lab.ts", 'import { env } from "node:process";'],
    ...["Date.now();", "Math.random();", "randomUUID();"].map(
      (code) => [PURE, "emit/haproxy/a.ts", code] as const,
    ),
    [PURE, "emit/cloud/a.ts", 'import { readFileSync } from "node:fs";'],
    [PURE, "model/a.ts", "new Date();"],
    ["file names are specific", "plan/route-utils.ts", ""],
    ["file names are specific", "helpers/text.ts", ""],
    ["file names are kebab-case", "plan/planEdge.ts", ""],
    [
      "every suppression of the type checker has a reason",
      "plan/plan.ts",
      "// @ts-ignore because of reasons",
    ],
    ["every suppression of the type checker has a reason", "plan/plan.ts", "// @ts-expect-error"],
  ];

  test.each(broken)("%s: %s", (rule, path, text) => {
    const lead = rule === "the first line is a comment about the file's purpose" ? "" : purpose;
    expect(rules[rule]?.({ path, text: lead + text })).toHaveLength(1);
  });

  test("a file without violations passes", () => {
    const words = 'const words = ["process.exit", `\nexport default 1;\n`]; // console.log\n';
    const text = `#!/usr/bin/env node\n${purpose}${words}import { plan } from "../plan/plan.ts";\nimport { z } from "zod";\nexport const a = 1;\n`;
    expect(
      Object.values(rules).flatMap((rule) => rule({ path: "emit/haproxy/backend-section.ts", text })),
    ).toEqual([]);
  });
});

/** The strings of a file that begin with `../` and, from the file's own folder, lead out of the repository. */
function pathsThatLeave(path: string, text: string): readonly string[] {
  return [...text.matchAll(/["'`]((?:\.\.\/)+[^"'`\n]*)["'`]/g)]
    .map(([, found = ""]) => found)
    .filter((found) => posix.join(posix.dirname(path), found).startsWith(".."))
    .map((found) => `${path}: ${found}`);
}

/** Entry points. */
const ENTRIES: ReadonlySet<string> = new Set(["index.ts", "cli/bin.ts", "description/config/worker.ts"]);

function unusedExports(files: readonly SourceFile[]): readonly string[] {
  const users = new Map<string, string[]>();
  for (const file of files)
    for (const target of importsOf(file)) users.set(target, [...(users.get(target) ?? []), file.text]);
  return files.flatMap(({ path, text }) => {
    if (ENTRIES.has(path)) return [];
    const own = codeOf(text);
    const names = [
      ...own.matchAll(/^export (?:async )?(?:function|const|class|interface|type|enum) (\w+)/gm),
    ];
    return names
      .map(([, name = ""]) => name)
      .filter((name) => {
        const word = new RegExp(`\\b${name}\\b`, "g");
        const inOwn = own.match(word)?.length ?? 0;
        return inOwn < 2 && !(users.get(path) ?? []).some((other) => other.match(word) !== null);
      })
      .map((name) => `${path} exports ${name}`);
  });
}

/** Each cycle of imports that remain when types are erased, once. */
function importCycles(files: readonly SourceFile[]): readonly string[] {
  const imports = new Map(
    files.map((file) => [file.path, importsOf({ ...file, text: withoutTypes(file.text) })]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, above: readonly string[]): void => {
    const start = above.indexOf(path);
    if (start >= 0) cycles.push([...above.slice(start), path].join(" → "));
    if (start >= 0 || done.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...above, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

/** Without imports of types, and without those on demand, which run after the file has been loaded. */
function withoutTypes(text: string): string {
  return text
    .replace(/^(?:import|export) type\b[^;]*;/gm, "")
    .replace(/^import \{(?:\s*type [^,}]+,?)+\s*\} from "[^"]+";/gm, "")
    .replace(/\bimport\(/g, "");
}

/** Generated from the schema, at the root of the package next to schema.json. */
const GENERATED_TYPES = "../edge.d.ts";

function isAllowedEdge(from: string, to: string): boolean {
  const [room, other] = [roomOf(from), roomOf(to)];
  if (from === "description/define-edge.ts" && to === GENERATED_TYPES) return true;
  return room === other || (mayImport[room] ?? []).includes(other);
}

/** The text without comments, and with empty strings: their content is prose, or code of another language. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, (found) =>
    found.startsWith("/") ? "" : '""',
  );
}

/** "plan/routing/hosts.ts" is in "plan"; a file directly in src/ is a folder of its own. */
function roomOf(path: string): string {
  return path.split("/")[0] ?? path;
}

/** The files of src/ that one imports, re-exports from, or imports on demand; packages are not among them. */
function importsOf({ path, text }: SourceFile): readonly string[] {
  const statements = text.matchAll(/^(?:import|export)\b[^;"]*?"(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"/gm);
  return [...statements].map(([, whole, onDemand]) =>
    posix.join(posix.dirname(path), whole ?? onDemand ?? ""),
  );
}

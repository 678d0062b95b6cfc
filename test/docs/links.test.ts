// Links between Markdown files: each leads to a file and a heading that exist; links to the repository use the address in package.json.
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const pages = ["*.md", "docs/**/*.md", "examples/*/README.md", "bench/*.md"].flatMap((pattern) =>
  globSync(pattern, { cwd: root }),
);

/** Links outside code, as written. */
function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "code");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

/** GitHub's anchors: lower case, without punctuation, hyphens for spaces. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = markdown.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Why a link of a page is broken; undefined if it is valid. */
function fault(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? join(root, page) : resolve(root, dirname(page), path);
  if (!existsSync(file)) return `${page}: ${target}: there is no such file`;
  if (anchor === undefined || statSync(file).isDirectory()) return undefined;
  const there = anchorsOf(readFileSync(file, "utf8")).has(anchor);
  return there ? undefined : `${page}: ${target}: there is no such heading`;
}

test("every link leads to a file and a heading", () => {
  expect(pages.length).toBeGreaterThan(250);
  const links = pages.flatMap((page) =>
    linksOf(readFileSync(join(root, page), "utf8")).map((target) => ({ page, target })),
  );
  expect(links.length).toBeGreaterThan(300);
  expect(links.flatMap(({ page, target }) => fault(page, target) ?? [])).toEqual([]);
});

test("a link to a missing file or heading is found", () => {
  expect(linksOf("[a](b.md) `[c](d.md)`\n```\n[e](f.md)\n```\n")).toEqual(["b.md"]);
  expect(fault("docs/README.md", "no-such-page.md")).toContain("no such file");
  expect(fault("docs/README.md", "ci.md#no-such-heading")).toContain("no such heading");
  expect(fault("docs/README.md", "#existing-files")).toBe(undefined);
});

test("the address of the repository is the same everywhere", () => {
  const { homepage, repository, bugs } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const address = "https://github.com/portico-edge/portico";
  expect({ homepage, repository: repository.url, bugs }).toEqual({
    homepage: `${address}#readme`,
    repository: `git+${address}.git`,
    bugs: `${address}/issues`,
  });
  expect(readFileSync(join(root, "docs/README.md"), "utf8")).toContain(`${address}/tree/main/docs`);
});

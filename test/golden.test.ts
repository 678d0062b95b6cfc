// Golden cases: a description each, and a file for every hop. `npm run golden` writes them anew; read the diff.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findAllHaproxies } from "../src/haproxy/find.ts";
import { validateConfig } from "../src/haproxy/validate.ts";
import { labAuthority, labCertificate } from "../src/lab/certificates.ts";
import { rewriteForLab } from "../src/lab/rewrite.ts";
import { parseHaproxyConfig, printHaproxyConfig } from "../src/wiring/haproxy/config.ts";
import { DESCRIPTION, goldenCase } from "./golden-files.ts";

const root = join(import.meta.dirname, "golden");
const names = readdirSync(root).sort();
const haproxies = await findAllHaproxies();
const scratch = mkdtempSync(join(tmpdir(), "portico-golden-"));
const certificate = join(scratch, "certificate.pem");
const authority = join(scratch, "authority.pem");
writeFileSync(certificate, labCertificate(["golden.example.com"]).bundle);
writeFileSync(authority, labAuthority().certificate);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test("there are cases, each in a folder of its own with nothing but what it comes to", () => {
  expect(names.length).toBeGreaterThanOrEqual(25);
  expect(haproxies.length).toBeGreaterThan(0);
  for (const name of names) expect(readdirSync(join(root, name))).toContain(DESCRIPTION);
});

describe.each(names)("%s", (name) => {
  const folder = join(root, name);

  test("comes to the files that lie here, and to no others", async () => {
    const { files } = await goldenCase(folder);
    expect(Object.fromEntries(filesBelow(folder).filter(([path]) => path !== DESCRIPTION))).toEqual(
      Object.fromEntries(files),
    );
  });

  test("is refused with an error where its name says so, and only there", async () => {
    const { plan, findings } = await goldenCase(folder);
    expect(plan === null).toBe(name.startsWith("refused-"));
    if (plan === null) expect(findings.map(({ severity }) => severity)).toContain("error");
  });

  const config = filesBelow(folder).find(([path]) => path === "haproxy/haproxy.cfg")?.[1];
  if (config === undefined) return;

  test.each(haproxies)("HAProxy $version takes it without a warning", async (haproxy) => {
    const place = playable(folder, `${name}-${haproxy.branch}`);
    const { output } = await validateConfig(haproxy, join(place, "haproxy/haproxy.cfg"), { cwd: place });
    expect(output.replace("Configuration file is valid\n", "")).toBe("");
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

/** A copy whose certificates exist: they are the one thing that `haproxy -c` opens and a case cannot carry. */
function playable(folder: string, name: string): string {
  const place = join(scratch, name);
  for (const [path, content] of filesBelow(folder)) {
    if (!path.startsWith("haproxy/")) continue;
    const file = join(place, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, path.endsWith(".cfg") ? withCertificates(content) : content);
  }
  return place;
}

function withCertificates(config: string): string {
  const file = ({ role }: { readonly role: string }) =>
    role === "certificate" ? certificate : role === "ca" ? authority : undefined;
  return printHaproxyConfig(rewriteForLab(parseHaproxyConfig(config, "haproxy.cfg"), { file }));
}

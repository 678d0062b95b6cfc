// Every rule over layers has a page that shows layers which get the finding, and the same ones fixed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { applyFixes } from "../../src/check/apply-fixes.ts";
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import { applyRule } from "../../src/check/rule.ts";
import { RULES } from "../../src/check/rules/index.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { examplesUnder, pageOf, severityOf } from "./pages.ts";

/** Rules whose page shows all spellings of the fault. */
const SHOWN_BY_PAGE: readonly string[] = [
  "admin-socket-on-network",
  "container-port-without-bind",
  "drain-shorter-than-detection",
  "health-check-on-other-target",
  "health-check-without-host",
  "https-redirect-loop",
  "internal-shares-proxy-port",
  "liveness-probe-too-early",
  "load-balancer-reuses-closed-connection",
  "metrics-exposed-publicly",
  "musl-ignores-resolver-options",
  "name-resolved-only-at-start",
  "no-readiness-probe",
  "node-port-open-to-internet",
  "open-port-without-listener",
  "plain-http-not-redirected",
  "pod-stops-without-draining",
  "security-group-blocks-nodes",
  "selector-missing",
  "service-selects-other-pods",
  "single-replica",
  "stop-signal-cuts-requests",
  "tls-never-terminated",
  "tls-one-sided",
  "unreachable-map-entry",
];

test("every rule is listed once, and is in a file of its name", () => {
  const files = readdirSync(fileURLToPath(new URL("../../src/check/rules/", import.meta.url)));
  const listed = RULES.map(({ code }) => `${code}.ts`);
  expect(listed.toSorted()).toEqual(files.filter((file) => file !== "index.ts").toSorted());
});

test("every other rule has a test of spellings that its page does not show", () => {
  const folder = fileURLToPath(new URL("../", import.meta.url));
  const tests = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && file !== join("docs", "layer-findings.test.ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n");
  const unnamed = RULES.filter(({ code }) => !tests.includes(code)).map(({ code }) => code);
  expect(unnamed.toSorted()).toEqual(SHOWN_BY_PAGE);
});

describe.each(RULES)("$code", (rule) => {
  const { code, severity } = rule;
  test("has its severity on the page", () => {
    expect(severityOf(pageOf(code))).toBe(severity);
  });

  test("is found in the bad layers, with places in them", async () => {
    const files = examplesUnder(pageOf(code), "Wrong in layers") ?? [];
    const found = checkLayers(await readWiring(files)).filter((finding) => finding.code === code);
    expect(found.map((finding) => finding.severity)).toContain(severity);
    for (const { at } of found) {
      expect(at.length).toBeGreaterThan(0);
      for (const { file, line, column, length = 1 } of at) {
        const text = files.find((one) => one.file === file)?.text.split("\n")[line - 1];
        expect(text?.slice(column - 1, column - 1 + length).trim(), `${file}:${line}:${column}`).not.toBe("");
        expect(text?.length).toBeGreaterThanOrEqual(column - 1 + length);
      }
    }
  });

  test("the good layers do not have the finding, or any that the bad ones do not have", async () => {
    // For servers in other folders: a short name may be any host, a complete name is a Service.
    const notKnown = "layer-not-understood";
    const [bad, good] = await Promise.all(
      ["Wrong in layers", "Right in layers"].map(async (heading) =>
        checkLayers(await readWiring(examplesUnder(pageOf(code), heading) ?? [])),
      ),
    );
    const codes = (findings: typeof bad) => [...new Set(findings?.map((finding) => finding.code))];
    expect(examplesUnder(pageOf(code), "Right in layers")?.length).toBeGreaterThan(0);
    expect(codes(good)).not.toContain(code);
    expect(codes(good).filter((one) => one !== notKnown && !codes(bad).includes(one))).toEqual([]);
  });

  test("has a description on the page if a description can cause it", async () => {
    const found = applyRule(rule, await readWiring(examplesUnder(pageOf(code), "Wrong in layers") ?? []));
    const saysField = found.some(({ described }) => described !== undefined);
    expect(saysField && examplesUnder(pageOf(code), "Wrong") === undefined).toBe(false);
  });

  test("is gone after its fix, and nothing new is found", async () => {
    const before = examplesUnder(pageOf(code), "Wrong in layers") ?? [];
    const first = checkLayers(await readWiring(before));
    const own = first.filter((finding) => finding.code === code && finding.fix !== undefined);
    const { texts, fixed } = applyFixes(new Map(before.map(({ file, text }) => [file, text])), own);
    const after = before.map(({ file, text }) => ({ file, text: texts.get(file) ?? text }));
    const second = checkLayers(await readWiring(after)).map((finding) => `${finding.code} ${finding.what}`);
    expect(fixed).toHaveLength(own.length);
    expect(second.filter((one) => fixed.some(({ what }) => one === `${code} ${what}`))).toEqual([]);
    expect(second.filter((one) => !first.some(({ code, what }) => one === `${code} ${what}`))).toEqual([]);
  });
});

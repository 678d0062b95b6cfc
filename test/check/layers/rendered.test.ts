// Rendered files get no finding from any rule over layers, except for those that a description causes on purpose.
// Unknown values of the account, which variables name, are not reported.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { LAYERS } from "../../../src/emit/file.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const golden = fileURLToPath(new URL("../../golden/", import.meta.url));

/** Findings that a description causes on purpose. */
const ASKED_FOR: Readonly<Record<string, readonly string[]>> = {
  "kubernetes-everything": ["single-request-covers-race-only", "server-certificate-unverified"],
  "cloud-classic-elb-everything": ["stats-password-in-plain-text"],
  "kubernetes-service-linode": ["traffic-policy-hides-clients"],
};

/** Cases with every layer: a haproxy.cfg alone does not show which clients reach it. */
const cases = readdirSync(golden).filter((name) =>
  filesOf(name).some(({ file }) => /^kubernetes\//.test(file)),
);

describe.each(cases)("%s", (name) => {
  test("gets no finding", async () => {
    const findings = checkLayers(await readWiring(filesOf(name))).filter(
      ({ code }) => code !== "layer-not-understood" && !ASKED_FOR[name]?.includes(code),
    );
    expect(
      findings.map(({ code, what, at: [first] }) => `${code} ${first?.file}:${first?.line} ${what}`),
    ).toEqual([]);
  });
});

function filesOf(name: string): readonly { readonly file: string; readonly text: string }[] {
  const folder = join(golden, name);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => LAYERS.includes(file.split("/")[0] ?? "") && statSync(join(folder, file)).isFile())
    .toSorted()
    .map((file) => ({
      file: relative(folder, join(folder, file)),
      text: readFileSync(join(folder, file), "utf8"),
    }));
}

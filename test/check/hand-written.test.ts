// examples/hand-written: every known fault is found at its place, nothing else is found, and the example's README names each.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkWithHaproxy, withoutDuplicates } from "../../src/check/haproxy/check-with-haproxy.ts";
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import type { Finding } from "../../src/findings/finding.ts";
import { readFolder } from "../../src/wiring/read-folder.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const { files, leftOut } = await readFolder("hand-written", { cwd: examples });
const wiring = await readWiring(files, leftOut);
const found = checkLayers(wiring);
const haproxies = await findAllHaproxies();

/** Code and first place. */
const FAULTS = [
  "api-version-removed deployment.yaml:39:13",
  "balance-over-one-address haproxy.cfg:22:5",
  "base-not-official Dockerfile:1:6",
  "base-out-of-support Dockerfile:1:6",
  "client-address-lost elb.tf:16:3",
  "connect-timeout-too-short haproxy.cfg:25:5",
  "connection-draining-off elb.tf:7:1",
  "container-runs-as-root Dockerfile:1:1",
  "daemon-in-container haproxy.cfg:9:5",
  "forwarded-headers-passed haproxy.cfg:30:10",
  "haproxy-upgrade-refuses depots/printers.cfg:23:5",
  "health-check-target-lower-case elb.tf:41:28",
  "host-compared-with-port haproxy.cfg:52:14",
  "hsts-not-sent haproxy.cfg:44:5",
  "httpchk-without-check haproxy.cfg:66:5",
  "image-not-pinned Dockerfile:1:6",
  "internal-access-by-host haproxy.cfg:35:20",
  "keep-alive-off haproxy.cfg:21:5",
  "keep-alive-outlasts-load-balancer haproxy.cfg:26:5",
  "load-balancer-without-nodes elb.tf:7:1",
  "log-lines-lost haproxy.cfg:12:5",
  "no-disruption-budget deployment.yaml:7:13",
  "no-request-timeout haproxy.cfg:26:5",
  "proxy-header-from-any-source haproxy.cfg:42:10",
  "redirect-to-any-host haproxy.cfg:36:5",
  "security-group-blocks-listener elb.tf:33:26",
  "single-request-covers-race-only resolv.conf.extra:2:9",
  "stats-without-password haproxy.cfg:61:5",
  "stop-signal-not-received Dockerfile:15:5",
  "terraform-syntax-removed elb.tf:48:3",
  "terraform-syntax-removed elb.tf:83:3",
  "timeout-outlasts-load-balancer haproxy.cfg:27:5",
  "unresolvable-name-blocks-start haproxy.cfg:66:16",
];

test("all files are read, and nothing is left out", () => {
  expect(files.map(({ file }) => file.replace("hand-written/", ""))).toEqual([
    "Dockerfile",
    "deployment.yaml",
    "depots/printers.cfg",
    "elb.tf",
    "expect.yaml",
    "haproxy.cfg",
    "moved.map",
    "resolv.conf.extra",
    "service.yaml",
  ]);
  expect(wiring.leftOut).toEqual([]);
});

test("every fault is found at its place, and nothing else", () => {
  expect(found.map(shortly).sort()).toEqual(FAULTS.toSorted());
});

test("the README names every finding, and no other", () => {
  const readme = readFileSync(`${examples}hand-written/README.md`, "utf8");
  const named = [...readme.matchAll(/\[([a-z-]+)\]\([./]+\/docs\/findings\/\1\.md\)/g)].map(
    ([, code]) => code,
  );
  expect(named.toSorted()).toEqual([...new Set(found.map(({ code }) => code))].sort());
});

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  test("adds nothing to the rules, except that versions after 2.6 refuse depots/printers.cfg", async () => {
    const haproxyFindings = await checkWithHaproxy(wiring, haproxy);
    const together = withoutDuplicates(found, haproxyFindings).map(shortly).sort();
    const refuses = haproxy.branch !== "2.6";
    expect(together).toEqual(
      refuses
        ? FAULTS.map((fault) => fault.replace("haproxy-upgrade-refuses", "haproxy-refuses")).sort()
        : FAULTS.toSorted(),
    );
  });
});

function shortly({ code, at: [first] }: Finding): string {
  return `${code} ${first?.file.replace("hand-written/", "")}:${first?.line}:${first?.column}`;
}

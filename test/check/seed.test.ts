// The six files that Portico began with, as they lie: every fault that is known of them, and nothing else.
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import { checkLayersWithHaproxy, withoutEchoes } from "../../src/check/layers/check-layers-with-haproxy.ts";
import type { Finding } from "../../src/findings/finding.ts";
import { findAllHaproxies } from "../../src/haproxy/find.ts";
import { readFolder } from "../../src/wiring/read-folder.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";

const { files, leftOut } = await readFolder("seed", {
  cwd: fileURLToPath(new URL("../../../shared/", import.meta.url)),
});
const wiring = await readWiring(files, leftOut);
const found = checkLayers(wiring);
const haproxies = await findAllHaproxies();

/** Code and first place. */
const FAULTS = [
  "api-removed haproxy_deployment.yaml:1:13",
  "balance-over-one-address haproxy.cfg:10:3",
  "base-not-official Dockerfile:1:6",
  "base-out-of-support Dockerfile:1:6",
  "client-address-lost elb.tf:14:3",
  "connect-timeout-too-short haproxy.cfg:15:3",
  "connection-draining-off elb.tf:1:1",
  "container-runs-as-root Dockerfile:1:1",
  "daemon-in-container haproxy.cfg:4:3",
  "forwarded-headers-passed haproxy.cfg:27:8",
  "haproxy-upgrade-refuses haproxy.cfg:12:3",
  "health-target-lower-case elb.tf:40:28",
  "host-compared-with-port haproxy.cfg:47:17",
  "hsts-not-sent haproxy.cfg:42:3",
  "httpchk-without-check haproxy.cfg:53:3",
  "image-not-fixed Dockerfile:1:6",
  "image-reference-invalid haproxy_deployment.yaml:14:16",
  "internal-callers-by-host haproxy.cfg:32:21",
  "keep-alive-off haproxy.cfg:13:3",
  "load-balancer-without-nodes elb.tf:1:1",
  "log-lines-lost haproxy.cfg:28:3",
  "name-blocks-start haproxy.cfg:53:14",
  "no-disruption-budget haproxy_deployment.yaml:6:13",
  "no-request-timeout haproxy.cfg:17:3",
  "proxy-header-from-anyone haproxy.cfg:38:8",
  "redirect-to-any-host haproxy.cfg:33:3",
  "security-group-blocks-listener elb.tf:32:25",
  "signals-never-arrive Dockerfile:11:5",
  "single-request-cures-race-alone resolv.conf.line:1:9",
  "stats-without-password haproxy.cfg:24:3",
  "terraform-syntax-removed elb.tf:46:3",
  "terraform-syntax-removed elb.tf:81:3",
];

test("all six files are read, and nothing is left out", () => {
  expect(files).toHaveLength(6);
  expect(wiring.leftOut).toEqual([]);
});

test("every fault is found at its place, and nothing else", () => {
  expect(found.map(shortly).sort()).toEqual(FAULTS);
});

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  test("says nothing that the rules have not said, but that it does not load the file", async () => {
    const asked = await checkLayersWithHaproxy(wiring, haproxy);
    const together = withoutEchoes(found, asked).map(shortly).sort();
    const refuses = haproxy.branch !== "2.6";
    expect(together).toEqual(
      refuses
        ? FAULTS.map((fault) => fault.replace("haproxy-upgrade-refuses", "haproxy-refuses")).sort()
        : FAULTS,
    );
  });
});

function shortly({ code, at: [first] }: Finding): string {
  return `${code} ${first?.file.replace("seed/", "")}:${first?.line}:${first?.column}`;
}

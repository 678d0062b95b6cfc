// Settings that nothing comes of are said, and the same settings where something does are not.
import { expect, test } from "vitest";
import { findingsOf, withRoutes } from "./described.ts";

const ELB =
  "public: { loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }, tls: { terminatedAt: loadBalancer } }";
const PORTS = "kubernetes: { nodePorts: { http: 31000 } }";
const STATS = "kubernetes: { nodePorts: { stats: 31002 } }";
const OPTIONS = "dns: { options: [ndots:1, no-aaaa, rotate] }";

async function said(...head: readonly string[]): Promise<readonly string[]> {
  const findings = await findingsOf(withRoutes(["{ to: shop }"], head.join("\n")));
  return findings.filter(({ code }) => code === "setting-without-effect").map(({ what }) => what);
}

test.each([
  [["public: { loadBalancer: service }", PORTS], ["`nodePorts` does nothing"]],
  [["public: { loadBalancer: none }", PORTS], ["`nodePorts` does nothing"]],
  [[ELB, PORTS], []],
  [[ELB, STATS], ["`nodePorts.stats` does nothing"]],
  [[ELB, STATS, "stats: { public: true }"], []],
  [["image: { logs: rsyslog }", "logs: { format: off }"], ["`image.logs: rsyslog` does nothing"]],
  [["image: { logs: rsyslog }"], []],
  [
    ["image: { base: alpine }", OPTIONS],
    ["`no-aaaa` does nothing", "`rotate` does nothing"],
  ],
  [["image: { base: debian }", OPTIONS], []],
])("%j: %j", async (head, what) => {
  expect((await said(...head)).map((text) => text.replace(/nothing.*/, "nothing"))).toEqual(what);
});

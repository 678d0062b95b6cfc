// Which networks of a cluster are untrusted sources for HAProxy, and the setting that trusts them.
import { expect, test } from "vitest";
import { outsideSources } from "../../src/cluster/node-sources.ts";
import { chosen } from "../../src/plan/described.ts";

const described = (...value: readonly string[]) => chosen(value, "described");

test("nothing if all are trusted", () => {
  const sources = described("10.0.0.0/8", "198.51.100.0/24");
  expect(outsideSources(sources, ["198.51.100.11"], ["10.244.1.0/24", "10.244.2.0/24"])).toEqual([]);
});

test("the line to write has the existing networks, the nodes' and the pods'", () => {
  const [finding] = outsideSources(
    described("192.0.2.0/24"),
    ["198.51.100.11", "198.51.100.12"],
    ["10.244.1.0/24", "2001:db8:1::/64"],
  );
  expect(finding?.remedy).toContain(
    '`sources: [192.0.2.0/24, 198.51.100.0/24, 10.244.1.0/24, "2001:db8:1::/64"]`',
  );
});

test("only pods' networks", () => {
  const findings = outsideSources(described("198.51.100.0/24"), ["198.51.100.11"], ["10.244.1.0/24"]);
  expect(findings).toMatchObject([
    {
      code: "nodes-outside-sources",
      severity: "warning",
      what: expect.stringMatching(/^the pods' networks are outside .*: 10\.244\.1\.0\/24$/),
      remedy: expect.stringContaining("[198.51.100.0/24, 10.244.1.0/24]"),
    },
  ]);
});

test("a network that is only partly trusted is reported", () => {
  expect(outsideSources(described("10.244.1.0/24"), [], ["10.244.0.0/16", "10.244.1.0/25"])).toMatchObject([
    { what: expect.stringMatching(/: 10\.244\.0\.0\/16$/) },
  ]);
});

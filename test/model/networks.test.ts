// Addresses in networks, as HAProxy compares them.
import { expect, it } from "vitest";
import { allowed, contains, within } from "../../src/model/networks.ts";

it.each([
  ["203.0.113.7", "203.0.113.7", true],
  ["203.0.113.7", "203.0.113.0/24", true],
  ["203.0.114.7", "203.0.113.0/24", false],
  ["2001:db8::1", "2001:db8::/32", true],
  ["2001:db9::1", "2001:db8::/32", false],
  ["::ffff:10.1.2.3", "10.0.0.0/8", true],
  ["2002:a01:203::1", "10.0.0.0/8", true],
  ["::10.1.2.3", "10.0.0.0/8", true],
  ["64:ff9b::a01:203", "10.0.0.0/8", false],
  ["10.1.2.3", "::ffff:0:0/96", true],
  ["2002:a01:203::1", "::ffff:0:0/96", false],
  ["no address", "0.0.0.0/0", false],
])("%s in %s: %s", (client, network, expected) => {
  expect(within(client, ["192.0.2.1", network])).toBe(expected);
});

it.each([
  ["203.0.113.7", ["203.0.113.0/24"], true],
  ["2001:db8::1", ["0.0.0.0/0"], false],
  ["2002:a01:203::1", ["10.0.0.0/8"], false],
  ["2001:db8::1", ["10.0.0.0/8", "2001:db8::/32"], true],
  ["203.0.113.7", [], false],
])("a security group with %s and %s: %s", (client, networks, expected) => {
  expect(contains(networks, client)).toBe(expected);
});

it("restricts nothing without a list", () => {
  expect(allowed("203.0.113.7", [])).toBe(true);
  expect(allowed("203.0.113.7", ["192.0.2.1"])).toBe(false);
});

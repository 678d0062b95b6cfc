// Two different lists of networks differ at one of their bounds: a request shows every change of an access list.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { comparePlans } from "../../src/diff/compare-plans.ts";
import { boundsOf } from "../../src/diff/network-bounds.ts";
import { within } from "../../src/model/networks.ts";
import { planned } from "../model/planned.ts";

test.each([
  ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"]],
  ["203.0.113.7", ["203.0.113.7", "203.0.113.6", "203.0.113.8"]],
  ["10.0.0.7/8", ["10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"]],
  ["0.0.0.0/0", ["0.0.0.0", "255.255.255.255"]],
  [
    "2001:db8::/32",
    [
      "2001:db8::",
      "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
      "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
      "2001:db9::",
    ],
  ],
  ["::ffff:192.0.2.1", ["::ffff:c000:201", "::ffff:c000:200", "::ffff:c000:202"]],
  ["all", []],
])("the bounds of %s", (network, bounds) => {
  expect(boundsOf([network])).toEqual(bounds);
});

test("if an address is in only one of two lists, so is a bound", () => {
  const network = fc
    .tuple(fc.nat(0xffff), fc.integer({ min: 16, max: 32 }))
    .map(([low, bits]) => `10.1.${low >> 8}.${low & 255}/${bits}`);
  const list = fc.array(network, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(list, list, fc.nat(0xffff), (one, other, low) => {
      const client = `10.1.${low >> 8}.${low & 255}`;
      const differ = (address: string) => within(address, one) !== within(address, other);
      fc.pre(differ(client));
      expect(boundsOf([...one, ...other]).some(differ)).toBe(true);
    }),
  );
});

describe("a changed access list of a description changes a request", () => {
  const edge = (access: object, entrance: string[] = []) =>
    planned({
      edge: "app",
      public: { loadBalancer: "none", ...(entrance.length === 0 ? {} : { allow: entrance }) },
      sites: [{ host: "app.example.com", routes: [{ path: "/api", to: "web", ...access }, { to: "web" }] }],
      backends: { web: { servers: ["10.0.0.7:8080"], health: false } },
    });
  test.each([
    ["a narrower network", edge({ allow: ["198.51.100.0/24"] }), edge({ allow: ["198.51.100.0/25"] })],
    [
      "one more address",
      edge({ allow: ["198.51.100.0/24"] }),
      edge({ allow: ["198.51.100.0/24", "192.0.2.77"] }),
    ],
    ["a wider network that is denied", edge({ deny: ["10.0.0.0/9"] }), edge({ deny: ["10.0.0.0/8"] })],
    ["an IPv6 network", edge({ allow: ["2001:db8::/32"] }), edge({ allow: ["2001:db8::/33"] })],
    ["the entrance's", edge({}, ["198.51.100.0/24"]), edge({}, ["198.51.100.0/25"])],
  ])("%s", (_, before, after) => {
    expect(comparePlans(before, after).changed).not.toEqual([]);
  });
});

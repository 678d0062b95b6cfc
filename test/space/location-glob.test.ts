// Which locations of redirects match a glob for every request, for none, or for some.
import { expect, test } from "vitest";
import { globMatches } from "../../src/space/location-glob.ts";
import type { LocationPart } from "../../src/space/program.ts";

const SAME_PAGE = ["https://", { from: "host" }, { from: "path" }, { from: "query" }];

test.each<[glob: string, location: readonly LocationPart[], matches: string]>([
  ["https://**", SAME_PAGE, "yes"],
  ["https://*/**", SAME_PAGE, "depends"],
  ["https://*/**", ["https://", { from: "host" }, "/", { from: "path" }], "yes"],
  ["http://**", SAME_PAGE, "no"],
  ["https://app.example.com/**", SAME_PAGE, "depends"],
  ["**/login", ["/login"], "yes"],
  ["/*", ["/a/b"], "no"],
  ["/**", ["/a/b"], "yes"],
  ["/a*c", ["/ac"], "yes"],
  ["/", [{ from: "path" }], "depends"],
  ["/x", ["/x", { from: "query" }], "depends"],
  ["/x", ["/y", { from: "query" }], "no"],
  ["https://*", ["https://", { from: "host" }], "yes"],
  ["https://a/b", ["https://", { from: "host" }], "no"],
])("%s of %j: %s", (glob, location, matches) => {
  expect(globMatches(glob, location)).toBe(matches);
});

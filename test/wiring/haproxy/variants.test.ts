// Sections with the servers of another backend: recognised by name and servers, never by name alone.
import { expect, test } from "vitest";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { poolOf } from "../../../src/wiring/haproxy/variants.ts";

const wiring = readHaproxyWiring(
  parseHaproxyConfig(
    `backend app
    server app-1 10.0.0.1:80 check
backend app-retries-0
    server app-1 10.0.0.1:80 track app/app-1
backend app:retries-2
    server app-1 10.0.0.1:80 track app/app-1
backend app-retries-5
    server app-1 10.0.0.9:80 check
backend app-retries-5-2
    server app-1 10.0.0.1:80 track app/app-1
backend other-retries-1
    server other-1 10.0.0.1:80
`,
    "haproxy.cfg",
  ),
);

test.each([
  ["app", "app"],
  ["app-retries-0", "app"],
  ["app:retries-2", "app"],
  ["app-retries-5-2", "app"],
  // A separate backend, whatever its name.
  ["app-retries-5", "app-retries-5"],
  // No backend `other`.
  ["other-retries-1", "other-retries-1"],
])("the servers of %s are those of %s", (section, pool) => {
  expect(poolOf(wiring, section)).toBe(pool);
});

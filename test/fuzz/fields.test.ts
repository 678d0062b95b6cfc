// Every field that changes haproxy.cfg is in the random descriptions that are compared with HAProxy, or changes no outcome of a request.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FILES_BY_LEAF, leavesIn } from "../plan/schema-leaves.ts";
import { description } from "./descriptions.ts";

/** Fields that are not generated, each with the reason. */
const NOT_GENERATED: readonly (readonly [leaf: RegExp, reason: string])[] = [
  [
    /^backends\.\*\.(balance\.header|health\.|maxConnections|servers\[\]\.backup)/,
    "which server of a backend, and when",
  ],
  [/^(backends\.\*\.)?timeouts\./, "how long HAProxy waits"],
  [/^(backends\.\*\.endpoints|clusterDomain|dns|namespace)\b/, "the addresses of servers"],
  [/^backends\.\*\.tls\b/, "TLS to servers, which the lab tests"],
  [/^compression\b/, "the encoding of a response body, which the model leaves out"],
  [/^(haproxy\.ports|stats\.port)\b/, "ports that the comparison replaces"],
  [/^(logs|image\.logs)\b/, "logs"],
  [/^kubernetes\./, "threads, and how HAProxy stops"],
  [/^limits\.(maxConnections|maxHeader)$/, "limits on connections and buffers"],
  [
    /^public\.loadBalancer\((aws-.*|service)\)\.(proxyProtocol|sources)/,
    "a PROXY header is the same, whichever load balancer sends it",
  ],
  [/^public\.loadBalancer\(http\)\.idleTimeout$/, "how long HAProxy keeps connections"],
  [/^public\.tls\.(certificates\[\]\.secret|http2|minVersion)$/, "the handshake"],
  [/^stats\.user\./, "the stats page"],
];

test("fields that change haproxy.cfg are generated", () => {
  const generated = new Set(fc.sample(description, { numRuns: 1000, seed: 1 }).flatMap(leavesIn));
  const missing = readFileSync(FILES_BY_LEAF, "utf8")
    .split("\n")
    .filter((line) => line.includes(" haproxy/"))
    .map((line) => line.slice(0, line.indexOf(": ")))
    .filter((leaf) => !generated.has(leaf));
  expect(missing.filter((leaf) => !NOT_GENERATED.some(([known]) => known.test(leaf)))).toEqual([]);
  expect(NOT_GENERATED.filter(([known]) => !missing.some((leaf) => known.test(leaf)))).toEqual([]);
});

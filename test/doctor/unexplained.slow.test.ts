// Slow lookups without a known cause, names that no name server is queried for, and the defaults that the fixes name: without a network.
import { expect, test } from "vitest";
import { doctorText } from "../../src/cli/screens/doctor-text.ts";
import { causesOf } from "../../src/doctor/causes.ts";
import { fixesOf } from "../../src/doctor/fixes.ts";
import type { Lookups } from "../../src/doctor/lookups.ts";
import { type Measured, type MeasuredName, unmeasured } from "../../src/doctor/measured.ts";
import type { Measurements, ServerMeasurements } from "../../src/doctor/server-measurements.ts";
import { planned, site } from "../model/planned.ts";

const GOOD: Measurements = { sent: 20, lost: 0, medianMs: 1, longestMs: 3, refusals: [], found: true };
const TCP: Measurements = { ...GOOD, sent: 2 };
const LOST: Measurements = { ...GOOD, sent: 2, lost: 2, medianMs: null, longestMs: null };
const SERVER: ServerMeasurements = {
  server: "172.31.255.253",
  a: GOOD,
  aaaa: GOOD,
  pair: { a: GOOD, aaaa: GOOD },
  tcp: TCP,
};
const LOOK_UP: Lookups = {
  kind: "full name",
  count: 1,
  failed: 0,
  shortestMs: 10,
  medianMs: 10,
  longestMs: 10,
};

function measured(more: Partial<MeasuredName>): Measured {
  return {
    where: "this machine",
    libc: { name: "glibc", version: "2.36" },
    tool: "getent",
    resolvConf: { nameServers: [SERVER.server], search: [], ndots: 1, options: [] },
    names: [
      {
        name: "a.test",
        queries: ["a.test"],
        exists: true,
        inHosts: false,
        servers: [SERVER],
        lookups: [LOOK_UP],
        ...more,
      },
    ],
  };
}

const codes = (more: Partial<MeasuredName>) => causesOf(measured(more)).map(({ code }) => code);
const SLOW: Lookups = { ...LOOK_UP, longestMs: 5010 };

test("lookups that take seconds are never healthy, even for names that do not exist", () => {
  expect(codes({})).toEqual([]);
  expect(codes({ lookups: [SLOW] })).toEqual(["dns-slow-unexplained"]);
  expect(codes({ lookups: [{ ...SLOW, kind: "as given" }], exists: false })).toEqual([
    "dns-slow-unexplained",
  ]);
  expect(codes({ lookups: [{ ...SLOW, kind: "use-vc" }] })).toEqual([]);
});

test("no response over TCP is a cause where UDP is answered", () => {
  expect(codes({ servers: [{ ...SERVER, tcp: LOST }], lookups: [{ ...SLOW, shortestMs: 5000 }] })).toEqual([
    "dns-tcp-unanswered",
  ]);
  expect(codes({ servers: [{ ...SERVER, tcp: LOST }], lookups: [SLOW] })).toEqual([
    "dns-tcp-unanswered",
    "dns-slow-unexplained",
  ]);
  const unanswered = { ...SERVER, a: LOST, aaaa: LOST, pair: { a: LOST, aaaa: LOST }, tcp: LOST };
  expect(codes({ servers: [unanswered] })).toEqual(["dns-server-unresponsive"]);
});

test.each([
  [{ exists: false }, "a.test could not be measured: the name does not exist"],
  [
    { inHosts: true, queries: [], servers: [], lookups: [] },
    "a.test could not be measured: the C library answers it from /etc/hosts, without\na name server",
  ],
])("%j is not reported as healthy", (more, said) => {
  const report = { measured: measured(more), causes: causesOf(measured(more)), fixes: [], tookMs: 1000 };
  expect(report.causes).toEqual([]);
  expect(unmeasured(report.measured)).toHaveLength(1);
  const text = doctorText(report, { colour: false, width: 80 });
  expect(text).toContain(said);
  expect(text).not.toContain("healthy");
});

test("the screen fits the width, with aligned columns", () => {
  const of = measured({ servers: [{ ...SERVER, tcp: { ...TCP, refusals: ["SERVFAIL"] } }] });
  const lines = doctorText(
    { measured: of, causes: [], fixes: [], tookMs: 1000 },
    { colour: false, width: 80 },
  ).split("\n");
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  const rows = lines.filter((line) => / {2}(\d+ +\d+ +.* ms|sent +lost .*)$/.test(line));
  expect(rows.length).toBeGreaterThan(6);
  expect(new Set(rows.map((line) => line.length)).size).toBe(1);
});

test("Portico's default in the advice is the default of the plan", () => {
  const [cause] = causesOf(measured({ queries: ["a.test.web", "a.test"] }));
  const lines = fixesOf(cause === undefined ? [] : [{ ...cause, avoidedBy: null }], measured({})).flatMap(
    (fix) => (fix.whose === "the edge's pods" ? fix.lines : []),
  );
  for (const base of ["debian", "alpine"] as const) {
    const { options } = planned({ sites: site([{ to: "app" }]), image: { base } }).dns;
    const own = options.map(({ name, value }) => (value === null ? name : `${name}:${value}`)).join(", ");
    expect(lines).toContain(`dns: { options: [${own}] }`);
  }
});

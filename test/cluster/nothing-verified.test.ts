// When a run without failures has verified nothing.
import { expect, test } from "vitest";
import { nothingVerified } from "../../src/cluster/nothing-verified.ts";
import type { TargetResult } from "../../src/lab/target.ts";
import { planned, site } from "../model/planned.ts";

const [expectation] = planned({
  sites: site([{ to: "app" }]),
  expect: [{ get: "http://a.test/", status: 200 }],
}).expectations;

function result(verdict: TargetResult["verdict"], notTested: string | null = null): TargetResult {
  if (expectation === undefined) throw new Error("no expectation");
  const answer = { status: null, headers: [], location: null, body: "", backend: null, seen: null };
  return {
    expectation,
    answer: { ...answer, refused: null, client: "unknown", listener: null },
    differences: [],
    tookMs: 1,
    verdict,
    unseen: [],
    notTested,
    backendKnown: false,
  };
}

test("each reason once", () => {
  const all = [
    result("unseen", "no node port is reachable from here"),
    result("unseen", "no node port is reachable from here"),
  ];
  expect(nothingVerified(all, { applied: true })).toMatchObject({
    code: "nothing-verified",
    severity: "error",
    what: "nothing was verified: no node port is reachable from here; the edge is left as applied",
    remedy: expect.stringContaining("--nodes"),
  });
});

test("no expectations", () => {
  expect(nothingVerified([], { applied: false })?.what).toBe(
    "nothing was verified: the description has no expectations",
  );
});

test.each(["passed", "failed"] as const)("one that %s is sufficient", (verdict) => {
  expect(nothingVerified([result("unseen"), result(verdict)], { applied: true })).toBeUndefined();
});

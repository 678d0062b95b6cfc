// Raw lines in a comparison: their own changes, their effect on a real HAProxy, and what is always reported.
import { describe, expect, it } from "vitest";
import type { ChangedProbe } from "../../src/diff/compare-plans.ts";
import type { Outcome } from "../../src/diff/outcome.ts";
import type { Probe } from "../../src/diff/probe.ts";
import { isChanged, rawChanges, withRawEffects } from "../../src/diff/raw-effects.ts";
import { type ProbeResult, runPlan } from "../../src/diff/run-plan.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import { type RawBlock, rawBlocks, rawBlocksOn } from "../../src/model/raw-blocks.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { planned, site } from "../model/planned.ts";

const PROBE: Probe = {
  method: "GET",
  url: "http://a.test/",
  headers: [],
  body: "",
  webSocket: false,
  through: "public",
  from: null,
  below: false,
};
const outcome = (text: string, details: Record<string, string> = {}): Outcome => ({
  text,
  details: new Map(Object.entries(details)),
});
const result = (first: Outcome, more: Partial<ProbeResult> = {}): ProbeResult => ({
  probe: PROBE,
  outcome: first,
  again: first,
  raw: rawBlocks(planned({ sites: site([{ to: "app" }]), haproxy: { raw: ["tune.bufsize 32768"] } })),
  drawn: false,
  differences: [],
  ...more,
});
const effects = (before: ProbeResult, after: ProbeResult, changed: readonly ChangedProbe[] = []) =>
  withRawEffects(changed, [before], [after]).map((one) => [one.before.text, one.after.text]);
const DIFFERS = [{ what: "status", hop: "haproxy", expected: "200", got: "403" }] as const;

describe("what HAProxy answers", () => {
  it("is a change if only raw lines can be the reason", () => {
    expect(effects(result(outcome("200")), result(outcome("403")))).toEqual([["200", "403"]]);
    expect(effects(result(outcome("200")), result(outcome("200", { "header x": "1" })))).toHaveLength(1);
    expect(effects(result(outcome("200")), result(outcome("200")))).toEqual([]);
  });

  it("is no change if the value differs each time; a new value of this kind is one", () => {
    const id = (one: string, two: string) =>
      result(outcome("200", { id: one }), { again: outcome("200", { id: two }) });
    expect(effects(id("1", "2"), id("3", "4"))).toEqual([]);
    expect(effects(result(outcome("200")), id("3", "4"))).toHaveLength(1);
    const draws = result(outcome("200 from a"), { again: outcome("200 from b") });
    expect(effects(draws, result(outcome("200 from b")))).toEqual([]);
  });

  it("hides no change that the models show", () => {
    const change = {
      probe: PROBE,
      before: outcome("200 from a"),
      after: outcome("200 from b"),
      because: null,
    };
    const denied = result(outcome("403"), { differences: DIFFERS });
    expect(effects(denied, denied, [change])).toEqual([["200 from a", "200 from b"]]);
    expect(effects(denied, result(outcome("200 from b")), [change])).toEqual([["403", "200 from b"]]);
  });

  it("is skipped where no raw line takes part", () => {
    const none: { readonly raw: readonly RawBlock[] } = { raw: [] };
    expect(effects(result(outcome("200"), none), result(outcome("403"), none))).toEqual([]);
  });
});

describe("the lines themselves", () => {
  const plan = (raw: string[]) =>
    planned({ public: { loadBalancer: "none", raw }, sites: site([{ to: "app" }]) });

  it.each<readonly [readonly string[], readonly string[], object]>([
    [["maxconn 1"], ["maxconn 2"], { added: ["maxconn 2"], removed: ["maxconn 1"], unchanged: 0 }],
    [["maxconn 1", "maxconn 1"], ["maxconn 1"], { added: [], removed: ["maxconn 1"], unchanged: 1 }],
    [["maxconn 1", "backlog 9"], ["backlog 9", "maxconn 1"], { added: [], removed: [], moved: true }],
    [[], ["maxconn 1"], { added: ["maxconn 1"], section: "the public frontends" }],
  ])("%j and then %j", (before, after, expected) => {
    const [change, ...others] = rawChanges(plan([...before]), plan([...after]));
    expect(change).toMatchObject(expected);
    expect(others).toEqual([]);
    expect(change !== undefined && isChanged(change)).toBe(true);
  });

  it("apply to their entrance, to their backend and its variants, or to all", () => {
    const pool = { servers: ["10.0.0.7:8080"] };
    const all = planned({
      public: { loadBalancer: "none", raw: ["maxconn 1"] },
      internal: { raw: ["maxconn 2"] },
      haproxy: { raw: ["maxconn 3"] },
      sites: site([
        { to: "app", retries: 7 },
        { path: "/n", to: "next" },
      ]),
      backends: {
        app: { ...pool, raw: ["fullconn 4"] },
        next: { ...pool, raw: ["http-request set-map(paths.map) a b"] },
      },
    });
    const on = (...args: readonly ["public" | "internal", readonly string[]]) =>
      rawBlocksOn(all, ...args).map(({ section }) => section.replace(/^the /, ""));
    const shared = "backend `next`";
    expect(on("public", [])).toEqual(["global section", "public frontends", shared]);
    expect(on("internal", ["app"])).toEqual(["global section", "internal frontend", "backend `app`", shared]);
    const variant = all.backends.find(({ variantOf }) => variantOf === "app")?.name ?? "none";
    expect(on("public", [variant])).toContain("backend `app`");
  });
});

describe.each((await findAllHaproxies()).slice(0, 1))("HAProxy $version", (haproxy) => {
  it("a difference from the model that does not depend on raw lines is a defect", async () => {
    const other = emitLayers(planned({ sites: site([{ respond: { status: 410 } }]) })).filter(({ path }) =>
      path.startsWith("haproxy/"),
    );
    const bare = planned({ sites: site([{ to: "app" }]) });
    const { disagreements } = await runPlan(bare, [PROBE], { haproxy, files: other });
    expect(disagreements.flatMap(({ differences }) => differences.map(({ what }) => what))).toContain(
      "backend",
    );
    const raw = planned({
      public: { raw: ["http-request deny deny_status 403"] },
      sites: site([{ to: "app" }]),
    });
    const denied = await runPlan(raw, [PROBE], { haproxy });
    expect(denied.results[0]?.outcome.text).toBe("403");
    expect(denied.results[0]?.differences).not.toEqual([]);
    expect(denied.disagreements).toEqual([]);
  });
});

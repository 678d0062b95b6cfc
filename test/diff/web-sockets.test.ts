// What a comparison of plans reports about WebSockets and trusted headers.
import { expect, test } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { comparePlans } from "../../src/diff/compare-plans.ts";
import { probeText } from "../../src/diff/probe.ts";
import { planned, type Routes, site } from "../model/planned.ts";

const plan = (routes: Routes, entrance: Edge["public"] = {}) =>
  planned({ public: entrance, sites: site(routes) });

test("a route that starts or stops upgrading", () => {
  const [plain, opens] = [plan([{ to: "app" }]), plan([{ to: "app", websocket: true }])];
  for (const [before, after] of [
    [plain, opens],
    [opens, plain],
  ] as const) {
    const { changed } = comparePlans(before, after);
    expect(changed.map(({ probe }) => probeText(probe))).toEqual(["GET http://a.test/  a WebSocket"]);
  }
  expect(comparePlans(opens, opens).changed).toEqual([]);
});

test("a route that matches handshakes gets a handshake", () => {
  const routes = (to: string): Routes => [
    { header: { upgrade: "websocket" }, websocket: true, to },
    { to: "app" },
  ];
  const { changed } = comparePlans(plan(routes("api")), plan(routes("next")));
  expect(changed.map(({ before, after }) => [before.text, after.text])).toContainEqual([
    "200 from api",
    "200 from next",
  ]);
});

test("a newly trusted header", () => {
  const { changed } = comparePlans(
    plan([{ to: "app" }]),
    plan([{ to: "app" }], { trustedHeaders: ["X-Real-IP"] }),
  );
  expect(changed.map(({ probe }) => probeText(probe))).toEqual(["GET http://a.test/  x-real-ip: any"]);
});

// Settings without effect are reported, and the same settings with an effect are not.
import { expect, test } from "vitest";
import { findingsOf, withRoutes } from "./described.ts";

const ELB =
  "public: { loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }, tls: { terminatedAt: loadBalancer } }";
const PORTS = "kubernetes: { nodePorts: { http: 31000 } }";
const STATS = "kubernetes: { nodePorts: { stats: 31002 } }";
const OPTIONS = "dns: { options: [ndots:1, no-aaaa, rotate] }";

async function said(...head: readonly string[]): Promise<readonly string[]> {
  const findings = await findingsOf(withRoutes(["{ to: shop }"], head.join("\n")));
  return findings.filter(({ code }) => code === "setting-without-effect").map(({ what }) => what);
}

test.each([
  [["public: { loadBalancer: service }", PORTS], ["`nodePorts` has no effect"]],
  [["public: { loadBalancer: none }", PORTS], ["`nodePorts` has no effect"]],
  [[ELB, PORTS], []],
  [[ELB, STATS], ["`nodePorts.stats` has no effect"]],
  [[ELB, STATS, "stats: { public: true }"], []],
  [["image: { logs: rsyslog }", "logs: { format: off }"], ["`image.logs: rsyslog` has no effect"]],
  [["image: { logs: rsyslog }"], []],
  [
    ["image: { base: alpine }", OPTIONS],
    ["`no-aaaa` has no effect", "`rotate` has no effect"],
  ],
  [["image: { base: debian }", OPTIONS], []],
])("%j: %j", async (head, what) => {
  expect((await said(...head)).map((text) => text.replace(/no effect.*/, "no effect"))).toEqual(what);
});

test("request headers of a site without a backend, and of one with", async () => {
  const site = (routes: string) =>
    `edge: shop\nsites:\n  - host: a.test\n    requestHeaders: { set: { x-a: "1" } }\n    ${routes}\nbackends: { shop: { service: shop, port: 80 } }\n`;
  const said = async (routes: string) =>
    (await findingsOf(site(routes)))
      .filter(({ code }) => code === "setting-without-effect")
      .map(({ what }) => what);
  expect(await said("redirect: { scheme: https }")).toEqual([
    "`requestHeaders` has no effect on the site `a.test`",
  ]);
  expect(await said("routes: [{ path: /old, redirect: { path: / } }, { to: shop }]")).toEqual([]);
});

test("an exception from the redirect to HTTPS where there is one, and where there is none", async () => {
  const said = async (entrance: string) => {
    const found = await findingsOf(
      withRoutes(["{ path: /a, plainHttp: serve, to: shop }", "{ to: shop }"], entrance),
    );
    return found.filter(({ code }) => code === "setting-without-effect").map(({ what }) => what);
  };
  expect(await said("")).toEqual([
    "`plainHttp` of sites and routes has no effect: the entrance does not redirect plain HTTP to HTTPS",
  ]);
  expect(await said(ELB)).toEqual([]);
});

test("changes to responses of servers where no server responds, and where one does", async () => {
  const changes = "responseHeaders: { set: { x-a: '1' }, responsesFrom: servers }";
  const said = async (site: string, ...routes: readonly string[]) => {
    const text = `edge: shop\nsites:\n  - host: a.test\n    ${site}\n    routes: [${routes.join(", ")}]\nbackends: { shop: { service: shop, port: 80 } }\n`;
    const found = await findingsOf(text);
    return found
      .filter(({ code }) => code === "setting-without-effect")
      .map(({ what }) => what.split(" has no ")[1]);
  };
  const answers = "path: /gone, respond: { status: 410 }";
  expect(await said("", `{ ${answers}, ${changes} }`, `{ to: shop, ${changes} }`)).toEqual([
    "effect on this route",
  ]);
  expect(await said(changes, `{ ${answers} }`)).toEqual(["effect on this site"]);
  expect(await said(changes, `{ ${answers} }`, "{ to: shop }")).toEqual([]);
});

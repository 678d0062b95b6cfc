// Raw lines that contradict a decision of the plan, and raw lines that only add to it.
import { describe, expect, test } from "vitest";
import { findingsOf } from "./described.ts";

async function overrides(global: string, frontend: string, backend: string): Promise<readonly string[]> {
  const list = (line: string) => (line === "" ? "[]" : `[${JSON.stringify(line)}]`);
  const found = await findingsOf(`edge: shop
public: { loadBalancer: none, raw: ${list(frontend)} }
internal: {}
haproxy: { raw: ${list(global)} }
timeouts: { server: 20s }
sites: [{ host: shop.example.com, routes: [{ to: app }] }]
backends:
  app: { servers: ["10.0.0.7:80", "10.0.0.8:80"], balance: leastconn, health: { path: /up }, raw: ${list(backend)} }
`);
  return found
    .filter(({ code }) => code === "raw-line-overrides")
    .map(({ what, at }) => `${at[0]?.line}: ${what}`);
}

describe("found, at the raw line", () => {
  test.each([
    ["maxconn 10", "", "", /^4: the raw line `maxconn 10` in the global section replaces `maxconn \d+`$/],
    ["hard-stop-after 1s", "", "", /^4: .* replaces `hard-stop-after 1m`$/],
    ["", "timeout client 5m", "", /^2: .* in `public-http` replaces `timeout client 30s`$/],
    ["", "mode tcp", "", /^2: .* replaces `mode http`$/],
    ["", "default_backend other", "", /^2: .* in `public-http` has no effect$/],
    ["", "", "timeout server 5s", /^8: .* in `app` replaces `timeout server 20s`$/],
    ["", "", "balance source", /^8: .* replaces `balance leastconn`$/],
    ["", "", "option tcp-check", /^8: .* replaces `option httpchk/],
    ["", "", "no option redispatch", /^8: .* replaces `option redispatch/],
  ])("%s%s%s", async (global, frontend, backend, expected) => {
    const [only, ...others] = await overrides(global, frontend, backend);
    expect(only).toMatch(expected);
    expect(others).toEqual([]);
  });
});

describe("not found", () => {
  test.each([
    ["the same value", "", "", "timeout server 20s"],
    ["nothing decides it", "", "", "fullconn 500"],
    ["it is added to others", "", "http-request set-header X-Edge shop", "http-response del-header Server"],
    ["another global setting", "tune.lua.forced-yield 10000", "", ""],
    ["no raw line", "", "", ""],
  ])("%s", async (_, global, frontend, backend) => {
    expect(await overrides(global, frontend, backend)).toEqual([]);
  });
});

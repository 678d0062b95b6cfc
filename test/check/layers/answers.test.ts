// Which status HAProxy itself returns to a health check.
import { describe, expect, test } from "vitest";
import { answerTo } from "../../../src/check/layers/answers.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";

function statusOf(lines: string, path = "/health"): number | undefined {
  const config = parseHaproxyConfig(`defaults base\n  mode http\n${lines}`, "haproxy.cfg");
  const proxy = readHaproxyWiring(config).proxies.at(-1);
  const bind = proxy?.binds[0];
  if (proxy === undefined || bind === undefined) throw new Error("no frontend");
  return answerTo({ config, proxy, bind, path })?.status;
}

const FRONTEND = "frontend web from base\n  bind :80\n  default_backend app\n";

describe("an http-request rule that ends the request", () => {
  test.each([
    ["deny", 403],
    ["deny deny_status 429", 429],
    ["tarpit", 500],
    ["tarpit deny_status 429", 429],
    ["return status 204", 204],
    ["redirect scheme https", 302],
    ["auth", 401],
  ])("%s", (action, status) => {
    expect(statusOf(`${FRONTEND}  http-request ${action} if { path /health }\n`)).toBe(status);
  });

  test.each(["reject", "silent-drop", "use-service prometheus-exporter"])("%s has no status", (action) => {
    expect(statusOf(`${FRONTEND}  http-request ${action} if { path /health }\n`)).toBeUndefined();
  });
});

test("rules of the defaults apply before the section's own", () => {
  const inherited = "  http-request return status 204 if { path /health }\n";
  expect(statusOf(`${inherited}${FRONTEND}  http-request deny\n`)).toBe(204);
  expect(statusOf(`${inherited}${FRONTEND}  http-request deny\n`, "/")).toBe(403);
});

// Finding texts are true for the file: the effect on its requests, and lines that can be copied unchanged.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { headlineOf } from "../../../src/haproxy/messages.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const DEFAULTS =
  "defaults\n  mode http\n  timeout connect 2s\n  timeout client 30s\n  timeout server 30s\n  timeout http-request 10s\n";
const APP = "  default_backend app\nbackend app\n  server a 10.0.0.7:80 check\n";

async function textOf(code: string, frontend: string): Promise<string> {
  const text = `${DEFAULTS}frontend web\n${frontend}${APP}`;
  const wiring = await readWiring([{ file: "haproxy.cfg", text }]);
  const found = checkLayers(wiring).filter((finding) => finding.code === code);
  return found.map(({ why, remedy }) => `${why} ${remedy}`).join("\n");
}

describe("forwarded-headers-passed", () => {
  const FOR = "  http-request set-header X-Forwarded-For %[src]\n";
  const PROTO = "  http-request set-header X-Forwarded-Proto http\n";
  test.each([
    [
      "both headers",
      "  bind :80\n",
      /the client address .*, and whether the request counts/,
      / X-Forwarded-Proto http`/,
    ],
    [
      "only the scheme",
      `  bind :80\n${FOR}`,
      /any client chooses whether the request counts/,
      / X-Forwarded-Proto http`/,
    ],
    [
      "only the address",
      `  bind :80\n${PROTO}`,
      /any client chooses the client address [^,]*\. Write/,
      /For %\[src\]`\.$/,
    ],
    ["TLS", `  bind :443 ssl crt a.pem\n${FOR}`, /Write `http-request/, / X-Forwarded-Proto https`/],
    [
      "with and without TLS",
      `  bind :80\n  bind :443 ssl crt a.pem\n${FOR}`,
      /Write `http-request set-header X-Forwarded-Proto https if \{ ssl_fc \}`/,
      /and `http-request set-header X-Forwarded-Proto http if !\{ ssl_fc \}`/,
    ],
  ])("%s", async (_, frontend, effect, remedy) => {
    const text = await textOf("forwarded-headers-passed", frontend);
    expect(text).toMatch(effect);
    expect(text).toMatch(remedy);
  });
});

describe("host-compared-with-port", () => {
  const REDIRECT = "  http-request redirect location https://www.example.com/";
  test.each([
    ["the hosts of a redirect: its other requests are not redirected by it", "if", false],
    ["all hosts but one are redirected", "unless", true],
  ])("%s", async (_, keyword, lost) => {
    const text = await textOf(
      "host-compared-with-port",
      `  bind :80\n${REDIRECT} ${keyword} { hdr(host) -i app.example.com }\n`,
    );
    expect(text).toContain("host_only");
    expect(text.includes("its path is lost")).toBe(lost);
  });
});

test.each([
  ["unknown keyword 'a' in 'frontend' section.", "unknown keyword 'a' in 'frontend' section"],
  [
    "'bind :443' in section 'frontend' :\n  unable to load it.\n",
    "'bind :443' in section 'frontend' : unable to load it",
  ],
  [
    "missing timeouts for frontend 'web'.\n   | While not properly invalid",
    "missing timeouts for frontend 'web'",
  ],
  ["ends in a colon:", "ends in a colon:"],
])("the headline of a message of HAProxy: %s", (text, headline) => {
  expect(headlineOf({ text })).toBe(headline);
});

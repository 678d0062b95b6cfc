// Rules do not report configurations that only resemble a fault; each is paired with one that they report.
import { describe, expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import type { Finding } from "../../../src/findings/finding.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const DEFAULTS = `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout http-request 10s
  timeout server 30s
`;

async function findingsOf(code: string, text: string): Promise<readonly Finding[]> {
  const wiring = await readWiring([{ file: "haproxy.cfg", text }]);
  return checkLayers(wiring).filter((finding) => finding.code === code);
}

function near(
  code: string,
  reported: readonly [string, string][],
  unreported: readonly [string, string][],
): void {
  describe(code, () => {
    test.each(reported)("found: %s", async (_, text) => {
      expect(await findingsOf(code, text)).not.toEqual([]);
    });
    test.each(unreported)("not found: %s", async (_, text) => {
      expect(await findingsOf(code, text)).toEqual([]);
    });
  });
}

const web = (lines: string, backend = "  server s 10.0.0.7:8080\n") =>
  `${DEFAULTS}frontend web\n  bind :80\n${lines}  default_backend app\nbackend app\n${backend}backend blog\n  server s 10.0.0.8:8080\n`;

near(
  "internal-access-by-host",
  [
    [
      "a name of the ACL",
      web("  acl is_internal hdr_beg(host) -i edge\n  use_backend blog if is_internal\n"),
    ],
    [
      "a Service's name that is spared the redirect to HTTPS",
      web("  http-request redirect scheme https unless { hdr(host) -i edge }\n"),
    ],
    [
      "a header that allows requests",
      web("  acl trusted hdr(x-caller) -m found\n  http-request allow if trusted\n  http-request deny\n"),
    ],
    [
      "a public name that is exempt from a denial, by the ACL's name",
      web("  acl internal hdr(host) -i app.example.com\n  http-request deny if !internal { path /admin }\n"),
    ],
  ],
  [
    ["the beginning of a public name", web("  acl blog hdr_beg(host) -i blog\n  use_backend blog if blog\n")],
    [
      "a list of hosts that are served",
      web("  acl known hdr(host) -i app blog\n  http-request deny if !known\n"),
    ],
    [
      "the canonical name that is not redirected",
      web("  acl www hdr_beg(host) -i www\n  redirect prefix https://www.example.com if !www\n"),
    ],
    ["a site by one label", web("  use_backend blog if { hdr(host) -i blog }\n")],
    [
      "a cluster among several",
      web("  acl clusters_a hdr_beg(host) -i a\n  use_backend blog if clusters_a\n"),
    ],
    [
      "the public name of an internal site",
      web("  acl internal hdr(host) -i internal.example.com\n  use_backend blog if internal\n"),
    ],
  ],
);

near(
  "hsts-not-sent",
  [
    ["a comment in the frontend", web("  # HSTS for all sites\n")],
    ["a comment above the header", `${DEFAULTS}# Strict-Transport-Security\nfrontend web\n  bind :80\n`],
    ["a comment after a directive", `${DEFAULTS}frontend web\n  bind :80 # with HSTS\n`],
  ],
  [
    [
      "a frontend that is commented out",
      `${web("")}\n# frontend secure\n#   bind :443 ssl crt /x.pem\n#   # HSTS\n#   http-response set-header Strict-Transport-Security max-age=1\n`,
    ],
    [
      "a line that is commented out",
      web("  # http-response set-header Strict-Transport-Security max-age=1\n"),
    ],
    [
      "a comment above the next frontend, which sends it",
      `${DEFAULTS}frontend web\n  bind :80\n\n# HSTS\nfrontend secure\n  bind :443 ssl crt /x.pem\n  http-response set-header Strict-Transport-Security max-age=1\n`,
    ],
    ["a frontend on loopback", `${DEFAULTS}frontend web\n  # HSTS\n  bind 127.0.0.1:80\n`],
  ],
);

const PROTO = "  http-request set-header X-Forwarded-Proto";
const PROTO_OF_TLS = `${PROTO} https if { ssl_fc }\n`;
const replacing = (lines: string, binds = "") =>
  web(`${binds}  http-request set-header X-Forwarded-For %[src]\n${lines}`);

near(
  "forwarded-headers-passed",
  [
    ["a backend with a server", web("")],
    ["a backend that dispatches", web("", "  dispatch 10.0.0.7:8080\n")],
    [
      "a backend that answers some requests itself",
      web("", "  http-request return if { path / }\n  server s 10.0.0.7:80\n"),
    ],
    [
      "one of two backends without a server",
      web("  use_backend blog if { path_beg /blog }\n", "  http-request return status 200\n"),
    ],
    ["a backend whose name is made from the request", web("  use_backend %[req.hdr(host)]\n", "")],
    ["a scheme set only on TLS", replacing(PROTO_OF_TLS, "  bind :443 ssl crt /a.pem\n")],
    ["a scheme set on TLS alone, without a bind for TLS", replacing(PROTO_OF_TLS)],
    [
      "a scheme set where the client sends none",
      replacing(`${PROTO} https if !{ req.hdr(X-Forwarded-Proto) -m found }\n`),
    ],
    ["a scheme set for some paths", replacing(`${PROTO} http if { path_beg /api }\n`)],
  ],
  [
    [
      "a scheme set on TLS and another without it",
      replacing(`${PROTO_OF_TLS}${PROTO} http unless { ssl_fc }\n`, "  bind :443 ssl crt /a.pem\n"),
    ],
    [
      "a scheme set on TLS, with no other bind",
      replacing(PROTO_OF_TLS).replace("bind :80", "bind :443 ssl crt /a.pem"),
    ],
    ["a scheme set unless a trusted proxy connects", replacing(`${PROTO} http unless { src 10.0.0.0/8 }\n`)],
    ["a backend that only returns", web("", "  http-request return status 200\n  server s 10.0.0.7:8080\n")],
    ["a backend that serves stats", web("", "  stats enable\n  stats uri /\n")],
    ["a backend without a server", web("", "")],
    ["a frontend that denies everything", web("  http-request deny if TRUE\n")],
    [
      "headers that the only backend with servers replaces",
      web(
        "  use_backend none if { path /none }\n",
        "  http-request set-header X-Forwarded-For %[src]\n  http-request set-header X-Forwarded-Proto http\n  server s 10.0.0.7:80\nbackend none\n  http-request return status 404\n",
      ),
    ],
    ["a UNIX socket", web("").replace("bind :80", "bind unix@/run/web.sock")],
  ],
);

const stats = (bind: string, lines = "") =>
  `${DEFAULTS}listen stats\n  bind ${bind}\n  stats enable\n  stats uri /\n${lines}`;

near(
  "stats-without-password",
  [
    ["every address", stats("*:8404")],
    ["loopback and every address", stats("127.0.0.1:8404\n  bind *:8404")],
    ["only a rate limit", stats("*:8404", "  http-request deny if { src_conn_rate gt 100 }\n")],
  ],
  [
    ["IPv4 loopback", stats("127.0.0.1:8404")],
    ["IPv6 loopback", stats("[::1]:8404")],
    ["a UNIX socket", stats("/run/stats.sock")],
    ["a password on every request", stats("*:8404", "  http-request auth unless { http_auth(admins) }\n")],
    ["only some addresses", stats("*:8404", "  http-request deny unless { src 10.0.0.0/8 }\n")],
    [
      "only some connections",
      stats("*:8404", "  acl near src 10.0.0.0/8\n  tcp-request connection reject if !near\n"),
    ],
    ["TCP mode, in which HAProxy ignores it", stats("*:8404", "  mode tcp\n")],
  ],
);

test.each([
  ["if TRUE", true],
  ["if LOCALHOST", false],
  ["if { src 10.0.0.0/8 }", false],
  ["if { path /admin }", true],
])("stats admin %s: any client may change servers: %s", async (condition, anyone) => {
  const [finding] = await findingsOf(
    "stats-without-password",
    stats("*:8404", `  stats admin ${condition}\n`),
  );
  expect(finding?.why.includes("can disable servers")).toBe(anyone);
});

near(
  "no-request-timeout",
  [["every address", `${web("").replace("  timeout http-request 10s\n", "")}`]],
  [
    [
      "loopback",
      web("").replace("  timeout http-request 10s\n", "").replace("bind :80", "bind 127.0.0.1:80"),
    ],
  ],
);

const timeouts = (client: string, connect = "2s") =>
  `defaults\n  mode http\n  timeout connect ${connect}\n  timeout client ${client}\n  timeout server 30s\nfrontend web\n  bind :80\n  default_backend app\nbackend app\n  server s 10.0.0.7:8080\n`;

near(
  "no-timeouts",
  [
    ["0 is no timeout", timeouts("0")],
    ["0s is no timeout", timeouts("30s", "0s")],
    ["0 in a section takes back the timeout of defaults", `${timeouts("30s")}  timeout server 0\n`],
  ],
  [
    ["a unit with more letters", timeouts("15min")],
    ["a second unit that HAProxy ignores", timeouts("1m30s", "5seconds")],
    ["an environment variable", timeouts('"$CLIENT_TIMEOUT"', "${CONNECT}")],
    ["a duration that HAProxy refuses", timeouts("1.5s")],
  ],
);

test("no-timeouts names the line that switches a timeout off", async () => {
  const [finding] = await findingsOf("no-timeouts", timeouts("30s", "0"));
  expect(finding?.at[0]?.line).toBe(3);
  expect(finding?.what).toBe("no `timeout connect` in `app`");
});

near(
  "connect-timeout-too-short",
  [["four attempts of 200 ms", timeouts("30s", "200")]],
  [
    ["0 is no timeout", timeouts("30s", "0")],
    ["not known", timeouts("30s", "$CONNECT")],
    ["minutes", timeouts("30s", "1min")],
  ],
);

near(
  "keep-alive-off",
  [
    ["in defaults", web("").replace("  mode http\n", "  mode http\n  option http-server-close\n")],
    [
      "the last of several",
      web("").replace("  mode http\n", "  mode http\n  option http-keep-alive\n  option httpclose\n"),
    ],
  ],
  [
    [
      "reset by the last of several",
      web("").replace("  mode http\n", "  mode http\n  option http-server-close\n  option http-keep-alive\n"),
    ],
    [
      "reset in the backend",
      `${DEFAULTS}  option httpclose\nbackend app\n  option http-keep-alive\n  server s 10.0.0.7:80\n`,
    ],
    ["TCP mode", web("", "  mode tcp\n  option httpclose\n  server s 10.0.0.7:80\n")],
  ],
);

near(
  "haproxy-upgrade-refuses",
  [
    [
      "a line that newer versions refuse",
      `${DEFAULTS}backend b\n  option httpchk GET / HTTP/1.0\\r\\nHost:\\ a\n`,
    ],
  ],
  [
    ["a section that older versions do not know", `crt-store shop\n  load crt a.pem\n${DEFAULTS}`],
    ["a line that older versions do not know", `global\n  tune.h2.be.max-concurrent-streams 10\n${DEFAULTS}`],
  ],
);

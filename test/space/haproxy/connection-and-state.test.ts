// Conditions on the connection and on HAProxy's own state.
import { expect, test } from "vitest";
import { decidedBy } from "../../../src/space/evaluate-request.ts";
import { Formulas } from "../../../src/space/formula.ts";
import { evaluateHaproxy } from "../../../src/space/haproxy/evaluate-haproxy.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";

/** The answer where every dimension has the given value, or none. */
function answer(
  rule: string,
  values: Readonly<Record<string, string>>,
  { mode = "http", quiet = false } = {},
): string | undefined {
  const text = `frontend web
  bind *:443 ssl crt /a
  mode ${mode}
  ${rule}
  default_backend other
backend app
  mode ${mode}
  server s 10.0.0.1:80
backend other
  mode ${mode}
  server s 10.0.0.1:80
`;
  const config = parseHaproxyConfig(text, "haproxy.cfg");
  const input = { config, wiring: readHaproxyWiring(config), files: () => undefined, quiet };
  const [facet] = evaluateHaproxy(input, new Formulas()).facets;
  return facet && decidedBy(facet, ({ id }) => values[id])?.leaf.text;
}

test.each([
  ["sc_http_req_rate(0) gt 10", "→ other"],
  ["sc0_get_gpc0 lt 5", "→ app"],
  ["src_conn_cur(web) ge 1", "→ other"],
  ["src,table_http_req_rate(web) ge 1", "→ other"],
  ["nbsrv(app) ge 1", "→ app"],
  ["srv_is_up(app/s)", "→ app"],
  ["be_conn(app) gt 100", "→ other"],
])("%s is unknown, and while HAProxy is quiet it is not", (condition, expected) => {
  const rule = `use_backend app if { ${condition} }`;
  expect(answer(rule, {})).toBe(undefined);
  expect(answer(rule, {}, { quiet: true })).toBe(expected);
});

test.each(["sc0_inc_gpc0 gt 0", "rand(100) lt 10", "lua.x"])(
  "%s is unknown also while HAProxy is quiet",
  (condition) => {
    expect(answer(`use_backend app if { ${condition} }`, {}, { quiet: true })).toBe(undefined);
  },
);

test.each([
  ["req.ssl_hello_type 1", { "tls:hello": "yes" }, "→ app"],
  ["req_ssl_hello_type 1", { "tls:hello": "no" }, "→ other"],
  ["req.ssl_sni -i a.example", { "tls:hello": "yes", "tls:sni": "A.example" }, "→ app"],
  ["req.ssl_sni -m found", { "tls:hello": "no" }, "→ other"],
])("in mode tcp, %s of a connection with %o", (condition, values, expected) => {
  expect(answer(`use_backend app if { ${condition} }`, values, { mode: "tcp" })).toBe(expected);
});

test.each([
  ["ssl_fc_sni_reg ^a[.]", { "tls:sni": "a.example" }, "→ app"],
  ["ssl_fc_sni_end .example", { "tls:sni": "a.example" }, "→ app"],
  ["req.ssl_hello_type 1", { "tls:hello": "yes" }, "→ other"],
  ["req.hdr_cnt(content-length) gt 1", { "body-length": "1" }, "→ other"],
  ["req.hdr(10.0.0.1:80) -m found", {}, "→ other"],
])("%s with %o", (condition, values, expected) => {
  expect(answer(`use_backend app if { ${condition} }`, values)).toBe(expected);
});

// How outputs show lines with passwords, keys and tokens, and lines that only look like them.
import { expect, test } from "vitest";
import { codeFrame } from "../../src/findings/code-frame.ts";
import { CREDENTIAL_KEYS, CREDENTIAL_WORDS } from "../../src/findings/credential-names.ts";
import { isCredentialHeader } from "../../src/findings/credentials.ts";
import { masked, maskedConfigLine, maskedRanges } from "../../src/findings/masked-text.ts";

test.each([
  ["stats auth admin:s3cret", "stats auth admin:***"],
  ["    stats auth admin:s3 # a comment", "    stats auth admin:*** # a comment"],
  ['stats auth "admin:s 3 cret"', 'stats auth "admin:***"'],
  ["stats auth 'admin:s3'", "stats auth 'admin:***'"],
  ["user jo insecure-password s3cret groups g", "user jo insecure-password *** groups g"],
  ["user jo password $6$salt$hash", "user jo password ***"],
  ["dynamic-cookie-key abcdef", "dynamic-cookie-key ***"],
  ['http-request set-header Authorization "Basic eHl6"', 'http-request set-header Authorization "***"'],
  [
    "http-request set-header X-Api-Key abc if { path /x }",
    "http-request set-header X-Api-Key *** if { path /x }",
  ],
  [
    "http-check send meth GET uri / hdr Authorization Bearer\\ abc",
    "http-check send meth GET uri / hdr Authorization ***",
  ],
  ['acl ok req.hdr(authorization) -m str "Basic eHl6"', 'acl ok req.hdr(authorization) -m str "***"'],
  [
    "http-request deny unless { req.hdr(x-auth-token) -m str -i a b }",
    "http-request deny unless { req.hdr(x-auth-token) -m str -i *** }",
  ],
  [
    "http-request deny unless { http_auth_bearer -m str abc }",
    "http-request deny unless { http_auth_bearer -m str *** }",
  ],
  ["http-request set-var(txn.s) path,hmac(sha256,a2V5)", "http-request set-var(txn.s) path,hmac(sha256,***)"],
  ["setenv API_TOKEN abc", "setenv API_TOKEN ***"],
])("%s", (line, shown) => {
  expect(maskedConfigLine(line)).toBe(shown);
});

test.each([
  'stats auth admin:"${STATS_PASSWORD}"',
  "Write `stats auth NAME:PASSWORD`, or let no load balancer lead there.",
  "Write `user jo password HASH`, with the output of `mkpasswd`.",
  "http-request set-header Authorization %[req.hdr(x-auth)]",
  'dynamic-cookie-key "${STICKY_KEY}"',
  "http-request deny unless { http_auth(users) }",
  "http-request deny unless { req.hdr(authorization) -m found }",
  "http-request del-header Authorization",
  "http-request set-header X-Forwarded-Proto https",
  "server a 10.0.0.1:80 cookie a",
])("shows no secret: %s", (line) => {
  expect(maskedConfigLine(line)).toBe(line);
});

test.each([
  ["stats: { user: { name: ops, password: s3cret } }", "stats: { user: { name: ops, password: *** } }"],
  ['  stickyKey: "abc"', '  stickyKey: "***"'],
  [
    "  - { get: /, headers: { authorization: Basic abc, x: y } }",
    "  - { get: /, headers: { authorization: ***, x: y } }",
  ],
  ['headers: { x-api-key: "a b", cookie: "s=1" }', 'headers: { x-api-key: "***", cookie: "***" }'],
  ['  master_password = "abc"', '  master_password = "***"'],
  ["ENV STATS_PASSWORD=abc", "ENV STATS_PASSWORD=***"],
  ['header: { x-api-key: { regex: "^abc" } }', 'header: { x-api-key: { regex: "***" } }'],
  ["header: { x-beta: { regex: abc } }", "header: { x-beta: { regex: abc } }"],
  ["sticky: { cookie: server }", "sticky: { cookie: server }"],
  ["password: { secret: edge, key: stats }", "password: { secret: edge, key: stats }"],
  ["automountServiceAccountToken: false", "automountServiceAccountToken: false"],
  ["secretName: certificate", "secretName: certificate"],
])("in YAML and others: %s", (line, shown) => {
  expect(masked(line, maskedRanges(line))).toBe(shown);
});

const MANIFESTS = `apiVersion: v1
kind: Secret
metadata: { name: keys }
data:
  a: c2VjcmV0
stringData:
  b: |
    first line
    second: line
---
kind: Deployment
spec:
  env:
    - name: DB_PASSWORD
      value: s3cret
    - name: PORT
      value: "80"
data:
  a: shown
`;

test("only values of Secrets and of variables are hidden in the files", () => {
  const lines = MANIFESTS.split("\n");
  const shown = lines.map((line, index) => masked(line, maskedRanges(line, index, lines)));
  const hidden = lines.map((line, index) => [line, shown[index]]).filter(([line, text]) => line !== text);
  expect(hidden).toEqual([
    ["  a: c2VjcmV0", "  a: ***"],
    ["    first line", "    ***"],
    ["    second: line", "    second: ***"],
    ["      value: s3cret", "      value: ***"],
  ]);
});

test("carets are below their text, before and after hidden text", () => {
  const line = "user jo password s3cret-of-jo groups admins";
  const at = (text: string) =>
    codeFrame(line, { file: "f", line: 1, column: line.indexOf(text) + 1, length: text.length }, 80);
  expect(at("jo")).toEqual({ text: "user jo password *** groups admins", carets: "     ^^" });
  expect(at("s3cret-of-jo")).toEqual({
    text: "user jo password *** groups admins",
    carets: "                 ^^^",
  });
  expect(at("groups")?.carets).toBe(`${" ".repeat("user jo password *** ".length)}^^^^^^`);
});

test.each([
  ...CREDENTIAL_WORDS.map((word) => `x-my-${word}`),
  ...CREDENTIAL_KEYS.map((kind) => `x-${kind}-key`),
])("%s is masked as a header, in haproxy.cfg and as a key of YAML", (name) => {
  expect(isCredentialHeader(name)).toBe(true);
  expect(maskedConfigLine(`http-request set-header ${name} abc`)).toBe(`http-request set-header ${name} ***`);
  const line = `      ${name}: abc`;
  expect(masked(line, maskedRanges(line))).toBe(`      ${name}: ***`);
});

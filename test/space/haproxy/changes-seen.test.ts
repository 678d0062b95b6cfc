// A changed line of a haproxy.cfg is never proven to change nothing unless it does not: it differs, or it is named as not examined.
import { expect, test } from "vitest";
import { comparePrograms } from "../../../src/space/compare.ts";
import { Formulas } from "../../../src/space/formula.ts";
import { evaluateHaproxy, listenerNames } from "../../../src/space/haproxy/evaluate-haproxy.ts";
import { answersUnexamined } from "../../../src/space/program.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";

const BASE = `defaults
  mode http
  timeout client 5s
frontend web
  bind *:80
  acl admin path /admin
  http-request deny if admin
  default_backend app
backend app
  server s 10.0.0.1:80
  server t 10.0.0.2:80
backend unused
  http-request deny
  server s 10.0.0.1:80
`;

interface Side {
  readonly text: string;
  readonly page?: string;
}

function readSide({ text, page }: Side) {
  const config = parseHaproxyConfig(text, "haproxy.cfg");
  const wiring = readHaproxyWiring(config);
  const files = (path: string) => (path === "/etc/403.http" ? page : undefined);
  const names = [...listenerNames(wiring).values()];
  return { input: { config, wiring, files }, names };
}

/** The facets that change, and the lines of the later side that are not examined. */
function compared(before: Side, after: Side) {
  const formulas = new Formulas();
  const [old, now] = [readSide(before), readSide(after)];
  const programs = [
    evaluateHaproxy({ ...old.input, otherListeners: now.names }, formulas),
    evaluateHaproxy({ ...now.input, otherListeners: old.names }, formulas),
  ] as const;
  const { facets } = comparePrograms(...programs, { formulas });
  expect(facets.filter(({ incomplete }) => incomplete !== undefined)).toEqual([]);
  return {
    changed: facets.flatMap(({ id, changed }) => (changed.length > 0 ? [id] : [])),
    undecided: facets.flatMap(({ id, undecided }) => (undecided.length > 0 ? [id] : [])),
    unexamined: programs[1].unexamined.map(({ text }) => text),
    answers: answersUnexamined(programs[1]).map(({ text }) => text),
  };
}

/** BASE with a line at the end of a section. */
function added(section: string, line: string): string {
  return BASE.replace(new RegExp(`^(${section}\\n(?: .*\\n)*)`, "m"), `$1  ${line}\n`);
}

test.each([
  ["another request rule", added("frontend web", "http-request deny if { method POST }"), "answer"],
  ["a bind more", added("frontend web", "bind *:8080"), "answer"],
  ["a bind with TLS", BASE.replace("bind *:80", "bind *:80 ssl crt /etc/a.pem"), "bind"],
  ["a bind that accepts PROXY", BASE.replace("bind *:80", "bind *:80 accept-proxy"), "bind"],
  ["another address of a server", BASE.replace("10.0.0.1", "10.0.0.9"), "servers"],
  ["another balance", added("backend app", "balance source"), "servers"],
  ["a server of some requests", added("backend app", "use-server t if { path /x }"), "servers"],
  ["a refused answer", added("frontend web", "http-response deny if { status 500 }"), "answer"],
  ["a replaced answer", added("backend app", "http-response return status 200 if { status 404 }"), "answer"],
  [
    "a redirect of an answer",
    added("backend app", "http-response redirect location /x if { src 10.0.0.1 }"),
    "answer",
  ],
  ["another status of an answer", added("defaults", "http-response set-status 500"), "answer"],
  [
    "another status of HAProxy's answer",
    added("frontend web", "http-after-response set-status 404 if { status 403 }"),
    "answer",
  ],
  [
    "a header of an answer",
    added("frontend web", "http-response set-header X-Frame-Options DENY"),
    "response-header:x-frame-options",
  ],
  ["a header less", added("backend app", "http-response del-header Server"), "response-header:server"],
  [
    "a header of every answer",
    added("defaults", "http-after-response set-header Strict-Transport-Security max-age=1"),
    "response-header:strict-transport-security",
  ],
  ["an early hint", added("frontend web", "http-request early-hint Link /a"), "early-hint:link"],
])("differs: %s", (_, text, facet) => {
  expect(compared({ text: BASE }, { text }).changed).toContain(facet);
});

test("the content of an error page differs", () => {
  const text = added("frontend web", "errorfile 403 /etc/403.http");
  expect(compared({ text, page: "a" }, { text, page: "b" }).changed).toEqual(["answer"]);
  expect(compared({ text, page: "a" }, { text, page: "a" })).toEqual({
    changed: [],
    undecided: [],
    unexamined: [],
    answers: [],
  });
  expect(compared({ text }, { text }).unexamined).toEqual(["the content of /etc/403.http"]);
});

test.each([
  ["backend app", "tcp-response content reject"],
  ["frontend web", "filter spoe engine e config /etc/spoe.conf"],
])("may change answers, and is named: %s, %s", (section, line) => {
  const { answers } = compared({ text: BASE }, { text: added(section, line) });
  expect(answers).toEqual([`\`${line}\``]);
});

test.each([["frontend web", "unique-id-header X-Request-ID"]])(
  "leaves answers, and is named: %s, %s",
  (section, line) => {
    const { answers, unexamined } = compared({ text: BASE }, { text: added(section, line) });
    expect(answers).toEqual([]);
    expect(unexamined).toEqual([`\`${line}\``]);
  },
);

test("an action of Lua on answers may change them, and is named", () => {
  const { answers } = compared({ text: BASE }, { text: added("backend app", "http-response lua.answer") });
  expect(answers).toEqual(["what `lua.answer` changes"]);
});

test.each([
  ["frontend web", "http-response deny if { path /x }"],
  ["frontend web", "http-response set-status 404 if { status 200 } { status 500 }"],
  [
    "frontend web",
    "http-after-response set-status 404 if { res.hdr(x-none) -m found } { status 403 } !{ status 403 }",
  ],
  ["backend app", "use-server none%[path] if { path / }"],
  ["frontend web", "timeout client 9s"],
  ["frontend web", "option httplog"],
  ["frontend web", "tcp-request inspect-delay 5s"],
  ["frontend web", "acl other path /other"],
  ["backend unused", "http-response deny"],
])("changes nothing: %s, %s", (section, line) => {
  expect(compared({ text: BASE }, { text: added(section, line) })).toEqual({
    changed: [],
    undecided: [],
    unexamined: [],
    answers: [],
  });
});

test.each([
  ["url_param(p)", "http-request set-query", "p=a", "p=b"],
  ["req.cook(c)", "http-request set-header Cookie", "c=a", "c=b"],
  ["req.hdrs", "http-request set-header X-A", "a", "b"],
  ["lua.x", "http-request set-path", "/a", "/b"],
])("an unknown of a changed request is another one: %s", (fetch, rule, before, after) => {
  const text = (value: string) =>
    added("frontend web", `${rule} ${value}\n  http-request deny if { ${fetch} -m str a }`);
  expect(compared({ text: text(before) }, { text: text(after) }).undecided).toContain("answer");
  expect(compared({ text: text(before) }, { text: text(before) }).undecided).toEqual([]);
});

/** What rules and expressions change for later rules and requests. */
function stateChanges(): [string, string, string][] {
  const pair = (
    name: string,
    before: readonly string[],
    after: readonly string[],
  ): [string, string, string] => [name, inFrontend(...before), inFrontend(...after)];
  const swapped = (name: string, [first = "", second = "", ...rest]: readonly string[]) =>
    pair(name, [first, second, ...rest], [second, first, ...rest]);
  const ofAcl = (name: string, ...lines: readonly string[]) =>
    pair(name, ["acl x path /a", ...lines], ["acl x path /b", ...lines]);
  return [
    ...["sc0_inc_gpc0 ge 0", "src_clr_gpc0 ge 0", "path,table_inc_gpc(0,web) ge 0"].flatMap((test) => [
      pair(
        `the order of terms: ${test}`,
        [`http-request deny if { path /a } { ${test} }`, "http-request deny if { sc0_get_gpc0 gt 3 }"],
        [`http-request deny if { ${test} } { path /a }`, "http-request deny if { sc0_get_gpc0 gt 3 }"],
      ),
      swapped(`the order of rules: ${test}`, [
        `http-request deny if { path /a } { ${test} }`,
        "http-request deny if { path_beg /a }",
        "http-request deny if { sc0_get_gpc0 gt 3 }",
      ]),
    ]),
    swapped("a fetch that counts before another rule", [
      "http-request deny if { src_inc_gpc0 gt 5 }",
      "http-request deny if { path /y }",
    ]),
    swapped("a capture of a changed header", [
      "http-request capture req.hdr(user-agent) id 0",
      "http-request set-header User-Agent x",
      "http-request deny if { capture.req.hdr(0) -m sub curl }",
    ]),
    swapped("a capture of a changed answer", [
      "http-response capture res.hdr(x-a) id 0",
      "http-response set-header X-A x",
      "http-response deny if { capture.res.hdr(0) -m sub curl }",
    ]),
    ofAcl(
      "the condition of a capture",
      "http-request capture path len 9 if x",
      "http-request deny if { capture.req.hdr(0) -m found }",
    ),
    swapped("a converter that sets a variable", [
      "http-request deny if { hdr(x-k),set-var(txn.k) -m str bad }",
      "http-request set-header X-K %[var(txn.k)]",
    ]),
    swapped("a converter that removes a variable", [
      "http-request set-header X-A %[path,unset-var(txn.k)]",
      "http-request deny if { var(txn.k) -m found }",
    ]).map((text, index) =>
      index === 0 ? text : text.replace("acl admin", "http-request set-var(txn.k) path\n  acl admin"),
    ) as [string, string, string],
    swapped("a converter that captures", [
      "http-request set-header X-C %[req.hdr(a),capture-req(0)]",
      "http-request deny if { path /y }",
    ]),
    swapped("a converter that captures, and a rule that reads it", [
      "http-request set-header X-C %[req.hdr(a),capture-req(0)]",
      "http-request deny if { capture.req.hdr(0) -m found }",
    ]),
    swapped("a lookup in a map and a change of it", [
      "http-request set-header X-M %[path,map(/m.map,none)]",
      "http-request set-map(/m.map) %[path] a",
    ]),
    swapped("a list and a change of it", [
      "http-request deny if { path -f /list }",
      "http-request add-acl(/list) %[path]",
    ]),
    ofAcl(
      "the condition of a changed map",
      "http-request set-header X-M %[path,map(opt@/m.map,none)]",
      "http-request set-map(opt@/m.map) %[path] a if x",
    ),
    ...["sess", "proc"].flatMap((scope) => [
      ofAcl(
        `the condition of a variable of other requests: ${scope}`,
        `http-request deny if { var(${scope}.x) -m found }`,
        `http-request set-var(${scope}.x) bool(true) if x`,
      ),
      swapped(`a rule before a variable of other requests: ${scope}`, [
        "http-request deny if { path /a }",
        `http-request set-var(${scope}.x) path if { path_beg /a }`,
        `http-request deny if { path /b } { var(${scope}.x) /a }`,
      ]),
    ]),
    pair(
      "a variable that earlier requests of the connection have changed",
      ["tcp-request session set-var(sess.x) int(0)", "http-request deny if { var(sess.x) 1 }"],
      [
        "tcp-request session set-var(sess.x) int(0)",
        "http-request deny if { var(sess.x) 1 }",
        "http-request set-var(sess.x) int(1)",
      ],
    ),
  ];
}

/** Two configurations that HAProxy answers differently for some request: neither is proven equal to the other. */
const inFrontend = (...lines: readonly string[]) => added("frontend web", lines.join("\n  "));
test.each([
  [
    "the environment",
    `global\n  setenv X /a\n${inFrontend('http-request deny if { path "$X" }')}`,
    `global\n  setenv X /b\n${inFrontend('http-request deny if { path "$X" }')}`,
  ],
  [
    "the environment in a text",
    `global\n  setenv X /a\n${inFrontend('http-request set-path "$X"')}`,
    `global\n  setenv X /b\n${inFrontend('http-request set-path "$X"')}`,
  ],
  ["names of headers", BASE, inFrontend("option http-restrict-req-hdr-names delete")],
  [
    "a password",
    `userlist u\n  user a insecure-password b\n${inFrontend("http-request deny unless { http_auth(u) }")}`,
    `userlist u\n  user a insecure-password c\n${inFrontend("http-request deny unless { http_auth(u) }")}`,
  ],
  [
    "the length of a capture",
    inFrontend("http-request capture req.hdr(x) len 10", "http-request deny if { capture.req.hdr(0) abc }"),
    inFrontend("http-request capture req.hdr(x) len 11", "http-request deny if { capture.req.hdr(0) abc }"),
  ],
  [
    "the announced length and the body that has arrived",
    inFrontend("http-request deny if { req.hdr(content-length) -m int gt 100 }"),
    inFrontend("http-request deny if { req.body_size gt 100 }"),
  ],
  [
    "when the body is read",
    inFrontend("http-request deny if { req.body -m sub x }"),
    inFrontend("option http-buffer-request", "http-request deny if { req.body -m sub x }"),
  ],
  [
    "a variable of the session",
    inFrontend("http-request set-var(txn.x) str(1) if { path /q }", "http-request deny if { var(txn.x) 1 }"),
    inFrontend(
      "http-request set-var(sess.x) str(1) if { path /q }",
      "http-request deny if { var(sess.x) 1 }",
    ),
  ],
  ["a server that redirects", BASE, BASE.replace("10.0.0.1:80", "10.0.0.1:80 redir /x")],
  ["a backend that is off", BASE, added("backend app", "disabled")],
  [
    "error pages of a section",
    `http-errors e\n  errorfile 403 /etc/a\n${inFrontend("errorfiles e")}`,
    `http-errors e\n  errorfile 403 /etc/b\n${inFrontend("errorfiles e")}`,
  ],
  [
    "absolute targets",
    inFrontend("http-request replace-pathq ^/a/(.*) /b/\\1"),
    inFrontend("http-request replace-uri ^/a/(.*) /b/\\1"),
  ],
  [
    "HTTP/0.9",
    inFrontend("http-request deny if { req.ver 1.0 }"),
    inFrontend("http-request deny if { req.ver 1.0 0.9 }"),
  ],
  [
    "a number of a section",
    inFrontend("http-request deny if { fe_id 2 }"),
    inFrontend("id 2", "http-request deny if { fe_id 2 }"),
  ],
  ...["stats uri /x", "option forwardfor", "errorloc 403 /x"].map((line): [string, string, string] => [
    `a line between .if and .endif: ${line}`,
    inFrontend(line),
    inFrontend(".if defined(X)", line, ".endif"),
  ]),
  ...["http-request set-src hdr(x-a)", "acl x path /b"].map((line): [string, string, string] => {
    const counting = ["http-request track-sc0 src if x", "http-request deny if { sc0_http_req_rate gt 9 }"];
    return [
      `what is counted: ${line}`,
      inFrontend("acl x path /a", ...counting),
      inFrontend("acl x path /a", line, ...counting),
    ];
  }),
  [
    "an escaped dot in the replacement of regsub",
    inFrontend("http-request deny if { str(abc),regsub(b,'\\.') a.c }"),
    BASE,
  ],
  ["the error page of deny", inFrontend("http-request deny"), inFrontend("http-request deny status 403")],
  [
    "an error page",
    inFrontend("http-request return status 404"),
    inFrontend("http-request deny deny_status 404"),
  ],
  ["a realm", inFrontend("http-request auth realm x"), inFrontend("http-request auth realm y")],
  [
    "which of several addresses",
    inFrontend("http-request deny if !{ hdr_ip(x-forwarded-for,-1) 10.0.0.0/8 }"),
    inFrontend("http-request deny if !{ hdr_ip(x-forwarded-for,1) 10.0.0.0/8 }"),
  ],
  [
    "a value and the whole line",
    inFrontend("http-request deny if { hdr(x-a) v }"),
    inFrontend("http-request deny if { req.fhdr(x-a) v }"),
  ],
  ["how a connection is closed", inFrontend("http-request reject"), inFrontend("http-request silent-drop")],
  [
    "a predefined ACL that is used before it is defined",
    inFrontend("http-request deny if METH_GET", "acl METH_GET path /x"),
    inFrontend("acl METH_GET path /x", "http-request deny if METH_GET"),
  ],
  ...["ifnotexists", "ifempty", "ifgt"].map((condition): [string, string, string] => {
    const lines = [
      `http-request set-var(txn.a,${condition}) str(2) if { path /x }`,
      "http-request deny if { var(txn.a) -m str 2 }",
    ];
    return [condition, inFrontend(...lines), inFrontend("http-request set-var(txn.a) str(1)", ...lines)];
  }),
  [
    "a pattern of a boolean",
    inFrontend("http-request deny if { always_true 0 }"),
    inFrontend("http-request deny if { always_false 0 }"),
  ],
  [
    "a number without patterns",
    inFrontend("acl x hdr_cnt(x-a)", "http-request deny if x"),
    inFrontend("http-request deny if { hdr(x-a) -m found }"),
  ],
  [
    "patterns after an empty one",
    inFrontend('acl x path /x "" /y', "http-request deny if x"),
    inFrontend("acl x path /x /y", "http-request deny if x"),
  ],
  [
    "an empty pattern",
    inFrontend('acl x path_beg ""', "http-request deny if x"),
    inFrontend("http-request deny"),
  ],
  [
    "a method as a text",
    inFrontend("http-request deny if { method -m str -i GET }"),
    inFrontend("http-request deny if { method -i GET }"),
  ],
  [
    "a method that HAProxy does not know",
    inFrontend("http-request deny if { method -m str -i get }"),
    inFrontend("http-request deny if { method -i get }"),
  ],
  [
    "the case of a host",
    inFrontend("http-request deny if { hdr(host),host_only a.b }"),
    inFrontend("http-request deny if { hdr(host),field(1,:) a.b }"),
  ],
  [
    "the address of the connection",
    inFrontend("http-request set-src hdr(x-a)", "http-request deny if { src 10.0.0.0/8 }"),
    inFrontend("http-request set-src hdr(x-a)", "http-request deny if { fc_src 10.0.0.0/8 }"),
  ],
  [
    "an address that a mask leaves",
    inFrontend("http-request deny if { src,ipmask(24) 10.0.0.5 }"),
    inFrontend("http-request deny if { src,ipmask(24) 10.0.0.0 }"),
  ],
  [
    "an IPv6 address and a mask",
    inFrontend("http-request deny if { src,ipmask(24) 2001:db8::/32 }"),
    inFrontend("http-request deny if { src 2001:db8::/32 }"),
  ],
  [
    "a mask of four bytes",
    inFrontend("http-request deny if { src 10.0.0.0/255.0.0.0 }"),
    inFrontend("http-request deny if { src 10.0.0.0/255.255.0.0 }"),
  ],
  ...[
    "http-request deny if { hdr(x-a),strcmp(txn.b) 0 }",
    "http-request deny if { hdr(x-a),concat(-,txn.b) a-1 }",
    "http-request set-header x-a %[path,hmac(sha256,txn.b),hex]",
    "http-request set-header x-a %[path,bytes(txn.b)]",
    "http-request replace-header x-a a %[var(txn.b)]",
    "http-request replace-path (.*) /%[var(txn.b)]",
    "http-request redirect location /x set-cookie-fmt A=%[var(txn.b)]",
  ].map((line): [string, string, string] => [
    `a variable in: ${line}`,
    inFrontend("http-request set-var(txn.b) str(1)", line),
    inFrontend("http-request set-var(txn.b) str(2)", line),
  ]),
  [
    "how a connection is dropped",
    inFrontend("http-request silent-drop"),
    inFrontend("http-request silent-drop rst-ttl 3"),
  ],
  [
    "a text that reads as arguments",
    inFrontend('http-request return status 200 content-type text/plain string "a hdr x y"'),
    inFrontend("http-request return status 200 content-type text/plain string a hdr x y"),
  ],
  [
    "a short address",
    inFrontend("http-request deny if { src 10 }"),
    inFrontend("http-request deny if { src 10.0.0.0 }"),
  ],
  ...stateChanges(),
])("not proven equal: %s", (_, before, after) => {
  const { changed, undecided, answers } = compared({ text: before }, { text: after });
  expect([...changed, ...undecided, ...answers]).not.toEqual([]);
});

test.each([
  ["a rule", "http-request deny if { path /x } { path /y }", "http-request deny if { path /y } { path /x }"],
  [
    "rules between a variable of the session and its use",
    "http-request set-header A a\n  http-request set-header B b",
    "http-request set-header B b\n  http-request set-header A a",
  ],
])("proven equal beside rules with state that they do not read: %s", (_, before, after) => {
  const state = [
    "http-request set-map(/m.map) a b",
    "http-request capture path len 9",
    "tcp-request session set-var(sess.a) int(1)",
  ];
  const [one, other] = [before, after].map((line) => ({ text: inFrontend(...state, line) }));
  expect(compared(one ?? { text: "" }, other ?? { text: "" })).toMatchObject({ changed: [], undecided: [] });
});

/** Rules that count, log or capture are reached by other requests, or with other values. */
test.each([
  ...["track-sc0 src", "capture path len 9", "set-log-level silent", "set-src hdr(x-a)", "do-log"].map(
    (action): [string, string[], string[]] => [
      `http-request ${action}`,
      [`http-request ${action}`, "http-request deny if { path /x }"],
      ["http-request deny if { path /x }", `http-request ${action}`],
    ],
  ),
  [
    "http-request sc-inc-gpc0(0)",
    ["acl x path /a", "http-request sc-inc-gpc0(0) if x"],
    ["acl x always_false", "http-request sc-inc-gpc0(0) if x"],
  ],
  [
    "http-request track-sc0 path",
    ["http-request track-sc0 path", "http-request set-path /a"],
    ["http-request set-path /a", "http-request track-sc0 path"],
  ],
  [
    "http-request set-var(txn.x) path",
    ["log-format %[var(txn.x)]", "http-request set-var(txn.x) path", "http-request deny if { path /x }"],
    ["log-format %[var(txn.x)]", "http-request deny if { path /x }", "http-request set-var(txn.x) path"],
  ],
  [
    "http-response set-log-level silent",
    ["http-response set-log-level silent if { status 200 }", "http-response deny if { status 500 }"],
    ["http-response deny", "http-response set-log-level silent if { status 200 }"],
  ],
])("is an effect of other requests: %s", (effect, before, after) => {
  const { changed } = compared({ text: inFrontend(...before) }, { text: inFrontend(...after) });
  expect(changed).toContain(`effect:${effect}`);
  expect(compared({ text: inFrontend(...before) }, { text: inFrontend(...before) }).changed).toEqual([]);
});

test("a rule of a backend has an effect for other requests", () => {
  const [one, other] = ["/a", "/b"].map((path) => ({
    text: added("backend app", "http-request sc-inc-gpc0(0)").replace("path /admin", `path ${path}`),
  }));
  expect(compared(one ?? { text: "" }, other ?? { text: "" }).changed).toContain(
    "effect:http-request of the backend sc-inc-gpc0(0)",
  );
});

test("the reason phrase of a status is not examined", () => {
  const text = added("frontend web", 'http-response set-status 404 reason "not here"');
  expect(compared({ text: BASE }, { text }).unexamined).toEqual([
    "the reason phrase `not here` of `set-status`",
  ]);
});

test.each([
  ["a mask of four bytes", "src 10.0.0.0/255.0.0.0", "src 10.0.0.0/8"],
  ["a mask between two bytes", "src 10.16.0.0/255.240.0.0", "src 10.16.0.0/12"],
  ["every address", "src 0/0", "src 0.0.0.0/0"],
  ["a short address", "src 10.1", "src 10.0.0.1"],
  ["a mask and a network", "src,ipmask(24) 10.0.0.0/26", "src,ipmask(24) 10.0.0.0"],
  ["a method with -i", "method -i GET", "method GET"],
])("proven equal: %s", (_, before, after) => {
  const [one, other] = [before, after].map((test) => ({
    text: inFrontend(`http-request deny if { ${test} }`),
  }));
  expect(compared(one ?? { text: "" }, other ?? { text: "" })).toMatchObject({ changed: [], undecided: [] });
});

test("a backend that only a name decides may run any rule", () => {
  const text = BASE.replace("default_backend app", "use_backend %[rand(3),mod(2)]\n  default_backend app");
  expect(compared({ text }, { text }).answers).toContain("`http-request deny`");
});

/** Each multiplies by two the cases of the changed value. */
function changing(section: string, line: (one: number) => string, from = 0): string {
  return Array.from({ length: 40 }, (_, one) => line(from + one)).reduce(
    (text, each) => text.replace(`${section}\n`, `${section}\n  ${each}\n`),
    BASE,
  );
}

test.each([
  [
    "path",
    (one: number) => `http-request set-path %[path,bytes(${one + 1})] if { path_beg /${one}/ }`,
    "path",
  ],
  [
    "header",
    (one: number) => `http-request add-header x-a ${one} if { path_beg /${one}/ }`,
    "request-header:x-a",
  ],
])("many changes of one %s end, and other changes are not proven equal", (_, line, facet) => {
  const text = changing("backend app", line);
  expect(compared({ text }, { text })).toMatchObject({ changed: [], undecided: [] });
  const other = compared({ text }, { text: changing("backend app", line, 1) });
  expect([...other.changed, ...other.undecided]).toContain(facet);
});

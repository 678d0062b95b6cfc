// portico explain: unusual requests, untrusted sources, WebSockets, and the response as it was received.
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { folderWith, portico } from "./portico.ts";

const EDGE = `edge: app
public: { loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] } }
sites:
  - host: www.example.com
    routes:
      - { path: /chat, header: { upgrade: websocket }, to: chat, websocket: true }
      - path: /
        to: web
        responseHeaders: { set: { x-said: "%[req.hdr(host)]", x-plain: "grüß" }, remove: [server] }
backends:
  web: { servers: ["10.0.0.7:8080"] }
  chat: { servers: ["10.0.0.8:8080"] }
expect:
  - { get: "http://www.example.com/chat", websocket: true, backend: web }
  - { request: "POST http://www.example.com/chat", body: "it's", backend: chat }
`;

const REASONS = `edge: reasons
public: { loadBalancer: none }
internal: {}
sites:
  - host: a.test
    routes:
      - { name: first, path: { regex: "^/a" }, to: x }
      - { name: later, path: { regex: "^" }, header: { h: "1" }, to: y }
      - { name: put, path: /, method: PUT, header: { x: { present: true } }, to: x }
      - { name: present, path: /, header: { x: { present: true }, h: { present: true } }, to: x }
      - { name: value, path: /, query: { q: "1" }, header: { h: { regex: "." } }, to: x }
      - { name: rest, to: y }
  - { host: inside.test, through: [internal], routes: [{ to: x }] }
backends:
  x: { servers: ["10.0.0.7:8080"] }
  y: { servers: ["10.0.0.8:8080"] }
`;

const RAW_EDGE = `edge: app
public: { loadBalancer: none, raw: ["http-request set-header X-Real-IP %[src]"] }
internal: { raw: ["http-request deny deny_status 403 if { path_beg /admin }"] }
haproxy: { raw: ["tune.bufsize 32768"] }
sites:
  - host: www.example.com
    routes:
      - { path: /api, to: api }
      - { path: /gone, respond: { status: 410 } }
      - { to: web }
backends:
  web: { servers: ["10.0.0.7:8080"], health: false }
  api:
    servers: ["10.0.0.8:8080"]
    health: false
    raw:
      - http-response set-header Vary Origin
      - http-request set-map(paths.map) www.example.com/gone/ "web www.example.com/" if { path /api/open }
`;

const CLOSED_EDGE = `edge: app
public: { loadBalancer: { kind: aws-nlb, sources: [10.0.0.0/16] }, allow: [192.0.2.0/24] }
sites: [{ host: www.example.com, routes: [{ to: web }] }]
backends: { web: { servers: ["10.0.0.7:8080"], health: false } }
expect:
  - { get: "http://www.example.com/", from: 198.51.100.9, status: 403 }
`;

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  const explain = (...args: readonly string[]) =>
    portico(["explain", ...args, "--haproxy", path], { cwd: folderWith({ "portico.yaml": EDGE }) });

  test("a host that is invalid in a URL", async () => {
    const { status, stdout, stderr } = await explain("GET", "http://a%zz/x");
    expect(stderr).toBe("");
    expect(stdout).toContain("the Host is not a host name with an optional port");
    expect(status).toBe(0);
  });

  test("the model is not queried for untrusted sources", async () => {
    const { status, stdout } = await explain(
      "GET",
      "http://www.example.com/",
      "--through",
      "untrusted",
      "--json",
    );
    expect(JSON.parse(stdout)).toMatchObject({ haproxy: { agrees: null } });
    expect(status).toBe(0);
  });

  test("a WebSocket takes the route that matches it", async () => {
    const opened = await explain("GET", "http://www.example.com/chat", "--websocket", "--json");
    expect(JSON.parse(opened.stdout)).toMatchObject({
      status: 101,
      backend: "chat",
      haproxy: { agrees: true },
    });
    const plain = await explain("GET", "http://www.example.com/chat", "--json");
    expect(JSON.parse(plain.stdout)).toMatchObject({ backend: "web", haproxy: { agrees: true } });
    expect([opened.status, plain.status]).toEqual([0, 0]);
  });

  test("a WebSocket on another route is a plain request, and so is an Upgrade that also lists HTTP/2, on every version", async () => {
    const plain = await explain("GET", "http://www.example.com/", "--websocket");
    expect(plain.stdout).toContain("forwarded as a plain request: the route has no `websocket: true`");
    const headers = [
      "connection: Upgrade",
      "upgrade: h2c, websocket",
      "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    const listed = await explain(
      "GET",
      "http://www.example.com/chat",
      ...headers.flatMap((line) => ["-H", line]),
      "--json",
    );
    expect(JSON.parse(listed.stdout)).toMatchObject({
      status: 101,
      backend: "chat",
      haproxy: { agrees: true },
    });
    expect([plain.status, listed.status]).toEqual([0, 0]);
  });

  test("the reason why a route does not match is the deciding one", async () => {
    const cwd = folderWith({ "portico.yaml": REASONS });
    const passedOver = async (...args: readonly string[]) => {
      const { stdout } = await portico(["explain", ...args, "--json", "--haproxy", path], { cwd });
      const { passedOver: routes, haproxy } = JSON.parse(stdout);
      expect(haproxy).toMatchObject({ agrees: true });
      return routes.map(
        ({ route, why }: { readonly route: string; readonly why: string }) => `${route}: ${why}`,
      );
    };
    expect(await passedOver("GET", "http://a.test/a?q=%zz", "-H", "h: 1")).toEqual([
      "later: a later regular expression",
      "put: the method is not PUT",
      "present: the header x is missing",
      'value: the query parameter q is not "1"',
      "rest: a regular expression comes before a prefix",
    ]);
    expect(await passedOver("PUT", "http://a.test/b", "-H", "x: 1")).toEqual([
      "later: the header h is missing",
      "present: the header h is missing",
      "value: the header h is missing",
      "rest: no method",
    ]);
  });

  test("headers are those that were received", async () => {
    const { stdout } = await explain("GET", "http://www.example.com/", "-d", "x");
    expect(stdout).toMatch(/response +200 .*\+ x-plain: grüß/s);
    expect(stdout).toContain("- server");
  });

  test("the command below a failed expectation sends the same request", async () => {
    const { status, stdout } = await portico(["test", "--haproxy", path], {
      cwd: folderWith({ "portico.yaml": EDGE }),
    });
    expect(stdout).toContain("portico explain GET http://www.example.com/chat --websocket\n");
    expect(stdout).toContain(`portico explain POST http://www.example.com/chat -d 'it'\\''s'\n`);
    expect(stdout).toMatch(/why +www\.example\.com: \/chat with upgrade = websocket → chat/);
    expect(status).toBe(1);
  });
});

test("the entrance denies a client before any route", async () => {
  const cwd = folderWith({ "portico.yaml": REASONS.replace("none }", "none, allow: [192.0.2.0/24] }") });
  const { stdout } = await portico(["explain", "GET", "http://a.test/a"], { cwd });
  expect(stdout).toContain("the entrance does not allow this client");
  expect(stdout).not.toContain("none matches");
  expect(stdout).not.toContain("passed over");
});

test("a host of the other entrance", async () => {
  const cwd = folderWith({ "portico.yaml": REASONS });
  const { stdout } = await portico(["explain", "GET", "http://inside.test/"], { cwd });
  expect(stdout).toContain("no site has this host at the public entrance");
  expect(stdout).not.toContain("none has the host");
});

// test/fuzz/found.test.ts compares the model with every HAProxy; here only the output is tested.
describe.each((await findAllHaproxies()).slice(-1))("HAProxy $version, without a model", ({ path }) => {
  const explainIn = (edge: string, ...args: readonly string[]) =>
    portico(["explain", ...args, "--haproxy", path], { cwd: folderWith({ "portico.yaml": edge }) });

  test("raw lines that apply are named, and what HAProxy does with them is reported", async () => {
    const { status, stdout, stderr } = await explainIn(RAW_EDGE, "GET", "http://www.example.com/");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/raw line +tune\.bufsize 32768 +portico\.yaml:4/);
    expect(stdout).toMatch(/raw line +http-request set-header X-Real-IP %\[src\] +portico\.yaml:2/);
    expect(stdout).not.toContain("/admin");
    expect(stdout).toMatch(/received .*x-real-ip 127\./s);
    expect(stdout).toMatch(/header x-real-ip seen +the plan says none +HAProxy: "127\./);
    expect(stdout).toContain("Without raw lines, HAProxy does what the plan says.");
    expect(stdout).not.toMatch(/agrees|defect/);
    expect(status).toBe(0);
  });

  test("raw lines without an effect on this request: no agreement is claimed", async () => {
    const { status, stdout } = await explainIn(
      RAW_EDGE,
      "GET",
      "http://www.example.com/gone",
      "--through",
      "internal",
      "--json",
    );
    expect(JSON.parse(stdout)).toMatchObject({
      status: 410,
      haproxy: { agrees: null, differences: [] },
      rawLines: [
        { line: "tune.bufsize 32768", at: { line: 4 } },
        { line: "http-request deny deny_status 403 if { path_beg /admin }", at: { line: 3 } },
        { line: "http-response set-header Vary Origin", at: { line: 17 } },
        { at: { line: 18 } },
      ],
    });
    expect(status).toBe(0);
  });

  test("an upgrade without the headers that HAProxy requires", async () => {
    const upgrade = ["-H", "Upgrade: websocket", "-H", "Connection: Upgrade"];
    const { status, stdout } = await explainIn(EDGE, "GET", "http://www.example.com/chat", ...upgrade);
    expect(stdout).toContain("a WebSocket handshake needs a Sec-WebSocket-Key of 24 characters");
    expect(stdout).toMatch(/agrees \(400 from HAProxy\)/);
    expect(status).toBe(0);
    const plain = await explainIn(
      EDGE,
      "GET",
      "http://www.example.com/chat",
      "-H",
      "Upgrade: websocket",
      "--json",
    );
    expect(JSON.parse(plain.stdout)).toMatchObject({ backend: "web", haproxy: { agrees: true } });
    expect(plain.status).toBe(0);
  });

  test("a client that the load balancer denies does not reach HAProxy", async () => {
    const get = ["GET", "http://www.example.com/"];
    const refused = await explainIn(CLOSED_EDGE, ...get, "--from", "198.51.100.9");
    expect(refused.stdout).toMatch(
      /load balancer +80: the load balancer's security group allows only 192\.0\.2\.0\/24/,
    );
    expect(refused.stdout).toMatch(/gets no connection, as the plan says/);
    expect(refused.status).toBe(0);
    const everyone = CLOSED_EDGE.replace("192.0.2.0/24", "0.0.0.0/0");
    const ofSix = await explainIn(everyone, ...get, "--from", "2001:db8::1", "--json");
    expect(JSON.parse(ofSix.stdout)).toMatchObject({ status: null, haproxy: { agrees: true } });
    expect(ofSix.status).toBe(0);
    const allowed = await explainIn(CLOSED_EDGE, ...get, "--from", "192.0.2.9", "--json");
    expect(JSON.parse(allowed.stdout)).toMatchObject({ backend: "web", haproxy: { agrees: true } });
    const test = await portico(["test", "--haproxy", path], {
      cwd: folderWith({ "portico.yaml": CLOSED_EDGE }),
    });
    expect(test.stdout).toMatch(/why +the load balancer's security group allows only 192\.0\.2\.0\/24/);
    expect(test.status).toBe(1);
  });
});

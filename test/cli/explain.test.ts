// portico explain: odd requests, strangers, WebSockets, and the answer as it was received.
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../../src/haproxy/find.ts";
import { folderWith, portico } from "./portico.ts";

const EDGE = `edge: app
public: { loadBalancer: aws-classic-elb }
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

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  const explain = (...args: readonly string[]) =>
    portico(["explain", ...args, "--haproxy", path], { cwd: folderWith({ "portico.yaml": EDGE }) });

  test("a host that is no URL's", async () => {
    const { status, stdout, stderr } = await explain("GET", "http://a%zz/x");
    expect(stderr).toBe("");
    expect(stdout).toContain("none has the host a%zz");
    expect(status).toBe(0);
  });

  test("the model is not asked about strangers", async () => {
    const { status, stdout } = await explain(
      "GET",
      "http://www.example.com/",
      "--through",
      "stranger",
      "--json",
    );
    expect(JSON.parse(stdout)).toMatchObject({ haproxy: { agrees: null } });
    expect(status).toBe(0);
  });

  test("a WebSocket takes the route that asks for one", async () => {
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

  test("headers are those received", async () => {
    const { stdout } = await explain("GET", "http://www.example.com/", "-d", "x");
    expect(stdout).toMatch(/answer +200 .*\+ x-plain: grüß/s);
    expect(stdout).toContain("- server");
  });

  test("what a failed expectation says to ask next asks the same", async () => {
    const { status, stdout } = await portico(["test", "--haproxy", path], {
      cwd: folderWith({ "portico.yaml": EDGE }),
    });
    expect(stdout).toContain("portico explain GET http://www.example.com/chat --websocket\n");
    expect(stdout).toContain(`portico explain POST http://www.example.com/chat -d 'it'\\''s'\n`);
    expect(stdout).toMatch(/why +www\.example\.com: \/chat with upgrade = websocket → chat/);
    expect(status).toBe(1);
  });
});

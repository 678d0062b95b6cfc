// The access log is JSON, even if HAProxy writes a sign before a number, a client sends quotes, or there is no request.
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLabOf } from "../../../src/lab/lab.ts";
import { frontendName } from "../../../src/plan/proxy-names.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { planned } from "../../model/planned.ts";

const plan = planned({
  public: { loadBalancer: "none" },
  sites: [{ host: "a.test", routes: [{ to: "two" }, { path: "/one", to: "one" }] }],
  backends: {
    one: { servers: ["10.0.0.1:80"], health: false, retries: 1 },
    two: { servers: ["10.0.0.2:80", "10.0.0.3:80"], health: false, balance: "first" },
  },
});

const withErrors = planned({
  public: {
    loadBalancer: "none",
    tls: { terminatedAt: "haproxy", certificates: [{ file: "/etc/haproxy/a.pem", hosts: ["a.test"] }] },
  },
  internal: {},
  sites: [{ host: "a.test", routes: [{ to: "one" }] }],
  backends: { one: { servers: ["10.0.0.1:80"], health: false } },
});
const SENT = [
  ["public-https", "GET / HTTP/1.0\r\n\r\n"],
  ["internal-http", "no HTTP\r\n\r\n"],
] as const;

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("retries on the same server and on another one", async () => {
    const lines: string[] = [];
    const all = Promise.withResolvers<void>();
    const lab = await openLabOf(plan, {
      haproxy,
      onLog: (text) => {
        if (text.startsWith("{")) lines.push(text);
        if (lines.length === 3) all.resolve();
      },
    });
    onTestFinished(() => lab.close());
    await lab.backends("one")[0]?.goDown();
    await lab.backends("two")[0]?.goDown();
    await lab.request('http://a.test/"\\');
    await lab.request("http://a.test/one");
    await lab.request("http://a.test/refused", { method: "POST" });
    await all.promise;
    const said = lines.map((text) => {
      const { path, server, status, retries }: Record<string, unknown> = JSON.parse(text);
      return { path, server, status, retries };
    });
    expect(said).toEqual([
      { path: '/"\\', server: "two-2", status: 200, retries: "+1" },
      { path: "/one", server: "one-1", status: 503, retries: "1" },
      { path: "/refused", server: "two-2", status: 200, retries: "+1" },
    ]);
  });

  test("a failed TLS handshake and bytes other than HTTP", async () => {
    const lines: string[] = [];
    const waiting = new Set<() => void>();
    const lab = await openLabOf(withErrors, {
      haproxy,
      onLog: (text) => {
        lines.push(text);
        for (const look of waiting) look();
      },
    });
    onTestFinished(() => lab.close());
    for (const [name, bytes] of SENT) {
      const before = lines.length;
      const logged = Promise.withResolvers<void>();
      waiting.add(() => {
        if (lines.length > before) logged.resolve();
      });
      const listener = withErrors.listeners.find((one) => frontendName(withErrors, one) === name);
      const socket = connect(lab.places.bind(listener?.port.value ?? 0)).on("error", () => {});
      onTestFinished(() => void socket.destroy());
      await once(socket, "connect");
      socket.write(bytes);
      await logged.promise;
    }
    const said = lines.map((text) => {
      const { client, listener, status, end, error }: Record<string, unknown> = JSON.parse(text);
      return { client, listener, status, end, error };
    });
    const line = { client: expect.stringMatching(/^127\./), end: "PR" };
    expect(said).toEqual([
      { ...line, listener: "public-https", status: 0, error: "SSL handshake failure" },
      { ...line, listener: "internal-http", status: 400, error: "Success" },
    ]);
  });
});

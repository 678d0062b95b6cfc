// The access log is JSON, also where HAProxy writes a sign in front of a number, and a client writes quotes.
import { describe, expect, onTestFinished, test } from "vitest";
import { findAllHaproxies } from "../../../src/haproxy/find.ts";
import { openLabOf } from "../../../src/lab/lab.ts";
import { planned } from "../../model/planned.ts";

const plan = planned({
  public: { loadBalancer: "none" },
  sites: [{ host: "a.test", routes: [{ to: "two" }, { path: "/one", to: "one" }] }],
  backends: {
    one: { servers: ["10.0.0.1:80"], health: false, retries: 1 },
    two: { servers: ["10.0.0.2:80", "10.0.0.3:80"], health: false, balance: "first" },
  },
});

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
});

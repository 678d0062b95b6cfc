// Clients that close before they have the response: HAProxy 3.3 changed the default, so haproxy.cfg sets it explicitly.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Lab, openLabOf } from "../../../src/lab/lab.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { showStat } from "../../haproxy/runtime-statistics.ts";
import { planned } from "../../model/planned.ts";

const plan = planned({
  public: { loadBalancer: "none" },
  sites: [{ host: "a.test", routes: [{ to: "app" }] }],
  backends: { app: { servers: ["10.0.0.1:80"], maxConnections: 1 } },
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("a request whose client has closed leaves the queue, and leaves a server that has not answered", async () => {
    const ends: string[] = [];
    const waiting = new Set<() => void>();
    const lab = await openLabOf(plan, {
      haproxy,
      onLog: (text) => {
        if (text.startsWith("{")) ends.push(endOf(text));
        for (const look of waiting) look();
      },
    });
    onTestFinished(() => lab.close());
    const logged = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (ends.length >= count) resolve();
        };
        waiting.add(look);
        look();
      });
    const server = lab.backends("app")[0];
    if (server === undefined) throw new Error("no backend");
    const arrived = Promise.withResolvers<void>();
    server.behave(() => {
      arrived.resolve();
      return { fail: "timeout" };
    });

    const served = await request(lab, "/served");
    await arrived.promise;
    const queued = await request(lab, "/queued");
    await inQueue(lab);
    queued.end();
    await logged(1);
    served.end();
    await logged(2);
    expect(ends).toEqual(["/queued CQ", "/served CH"]);

    server.behave({});
    expect((await lab.request("http://a.test/after")).status).toBe(200);
    expect(server.seen.map(({ target }) => target)).toEqual(["/served", "/after"]);
  });
});

/** HAProxy's own count of the backend's queue (manual of the Runtime API, "show stat", qcur). */
async function inQueue(lab: Lab): Promise<void> {
  const config = readFileSync(join(lab.folder, "haproxy/haproxy.cfg"), "utf8");
  const socket = /stats socket (\S+)/.exec(config)?.[1] ?? "";
  const count = async () =>
    (await showStat(socket))
      .find(({ proxy, name }) => proxy === "app" && name === "BACKEND")
      ?.fields.get("qcur");
  while ((await count()) !== "1");
}

/** Sends a whole request; the connection stays open. */
async function request(lab: Lab, path: string) {
  const { host, port } = lab.places.bind(plan.listeners[0]?.port.value ?? 0);
  const socket = connect({ host, port, allowHalfOpen: true }).on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
  return socket;
}

/** Path and termination state (manual section 8.5). */
function endOf(text: string): string {
  const { path, end }: { readonly path: string; readonly end: string } = JSON.parse(text);
  return `${path} ${end}`;
}

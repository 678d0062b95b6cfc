// Headless Services with many pods: each HAProxy reads a response with all of their addresses, over UDP and over TCP.
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "./all-haproxies.ts";
import { edgeWithPods } from "./fixtures/edge-with-names.ts";

const PODS = "pods.web.svc.cluster.local";

/** On loopback; nothing connects to them, because they are not checked. */
function addresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `127.77.${index >> 8}.${index & 255}`);
}

describe.concurrent.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test.for([
    { slots: 60, tcp: false },
    { slots: 400, tcp: false },
    { slots: 1000, tcp: true },
  ])("$slots pods, over TCP $tcp: a server for each", async ({ slots, tcp }, context) => {
    const { dns, untilQueried, activeServers } = await edgeWithPods(context, haproxy, {
      pods: { endpoints: { headless: slots }, health: false },
      ...(tcp && { tcp: true }),
    });
    dns.set(PODS, { a: addresses(slots) });
    // HAProxy queries once per second; an answer that it ignores leaves no server.
    while ((await activeServers("pods")) < slots) await untilQueried(1, PODS, "A");
    expect(new Set(dns.queries.map(({ over }) => over))).toEqual(new Set([tcp ? "tcp" : "udp"]));
  });
});

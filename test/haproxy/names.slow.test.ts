// Names while HAProxy runs: unknown, unanswered, created, removed, and several addresses per name; on every HAProxy.
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "./all-haproxies.ts";
import { edgeWithNames } from "./fixtures/edge-with-names.ts";

const ONE = "one.web.svc.cluster.local";
const PODS = "pods.web.svc.cluster.local";

describe.concurrent.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("starts and answers while DNS does not answer, and is not ready", async (context) => {
    const { get, ready, untilQueried, dns } = await edgeWithNames(context, haproxy, { unanswered: true });
    // It serves before any DNS response; there is never one.
    expect(await get("/")).toMatchObject({ status: 503 });
    expect(await ready()).toBe("starting");
    await untilQueried(2, ONE, "A");
    expect(dns.count(PODS)).toBeGreaterThan(0);
    expect(await ready()).toBe("starting");
  });

  test("is ready after ten seconds, even without DNS", async (context) => {
    const { ready, untilQueried } = await edgeWithNames(context, haproxy, { unanswered: true });
    expect(await ready()).toBe("starting");
    // One query per second.
    await untilQueried(12, ONE, "A");
    expect(await ready()).toBe("ready");
  });

  test("starts while no name exists; each backend works after the first response with its name", async (context) => {
    const { get, ready, untilLogged, untilQueried, dns, openPod } = await edgeWithNames(context, haproxy);
    const [first, second] = await Promise.all([openPod(1), openPod(2)]);
    await untilQueried(1, ONE, "A");
    expect(await get("/")).toMatchObject({ status: 503 });
    expect(await ready()).toBe("starting");

    const asksBefore = dns.count(ONE, "A");
    dns.set(ONE, { a: [first.endpoint.host] });
    await untilLogged(/Server one\/one .*UP/);
    // A query from before the name existed may have been in flight.
    expect(dns.count(ONE, "A") - asksBefore).toBeLessThanOrEqual(2);
    expect(await get("/")).toEqual({ status: 200, body: "pod-1" });
    expect(await get("/pods")).toMatchObject({ status: 503 });
    expect(await ready()).toBe("starting");

    dns.set(PODS, { a: [second.endpoint.host] });
    await untilLogged(/Server pods\/pods-1 .*UP/);
    expect(await get("/pods")).toEqual({ status: 200, body: "pod-2" });
    expect(await ready()).toBe("ready");
  });

  test("recovers from a DNS that did not answer from the start", async (context) => {
    const { get, untilLogged, untilQueried, dns, openPod } = await edgeWithNames(context, haproxy);
    const repair = dns.fail({ unanswered: true });
    const pod = await openPod(1);
    dns.set(ONE, { a: [pod.endpoint.host] });
    await untilQueried(2, ONE, "A");
    repair();
    await untilLogged(/Server one\/one .*UP/);
    expect(await get("/")).toEqual({ status: 200, body: "pod-1" });
  });

  test("queries AAAA only if there is no A: an unanswered AAAA query takes no server down", async (context) => {
    const { get, untilLogged, dns, openPod } = await edgeWithNames(context, haproxy, {
      type: "AAAA",
      unanswered: true,
    });
    const pod = await openPod(1);
    dns.set(ONE, { a: [pod.endpoint.host] });
    await untilLogged(/Server one\/one .*UP/);
    expect(await get("/")).toEqual({ status: 200, body: "pod-1" });
  });

  test("one query per name, without its search list", async (context) => {
    const { untilLogged, dns, openPod } = await edgeWithNames(context, haproxy);
    const pod = await openPod(1);
    dns.set(ONE, { a: [pod.endpoint.host] });
    await untilLogged(/Server one\/one .*UP/);
    expect([...new Set(dns.queries.map(({ name }) => name))].sort()).toEqual([ONE, PODS]);
  });

  test("headless: a server per address, following the pods that are added and removed", async (context) => {
    const { get, untilLogged, dns, openPod } = await edgeWithNames(context, haproxy);
    const pods = await Promise.all([1, 2, 3].map((n) => openPod(n)));
    const hosts = pods.map(({ endpoint }) => endpoint.host);
    const answering = async (requests: number) => {
      const bodies = [];
      for (let sent = 0; sent < requests; sent += 1) bodies.push((await get("/pods")).body);
      return [...new Set(bodies)].sort();
    };

    dns.set(PODS, { a: hosts.slice(0, 2) });
    await Promise.all([untilLogged(/Server pods\/pods-1 .*UP/), untilLogged(/Server pods\/pods-2 .*UP/)]);
    expect(await answering(8)).toEqual(["pod-1", "pod-2"]);

    dns.set(PODS, { a: hosts });
    await untilLogged(/Server pods\/pods-3 .*UP/);
    expect(await answering(12)).toEqual(["pod-1", "pod-2", "pod-3"]);

    dns.set(PODS, { a: hosts.slice(2) });
    const down = (n: number) => untilLogged(new RegExp(`Server pods/pods-${n} .*(DOWN|MAINT)`));
    await Promise.all([down(1), down(2)]);
    expect(await answering(8)).toEqual(["pod-3"]);
  });
});

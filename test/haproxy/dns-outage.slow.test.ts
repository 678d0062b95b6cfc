// DNS fails while HAProxy serves: for longer than HAProxy's default for keeping an address (30 s; manual section 5.3.2, hold).
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "./all-haproxies.ts";
import { edgeWithNames } from "./fixtures/edge-with-names.ts";

const ONE = "one.web.svc.cluster.local";
const PODS = "pods.web.svc.cluster.local";

const FAILURES = [
  { name: "one minute without DNS", seconds: 60, fault: { unanswered: true } },
  // CoreDNS caches NXDOMAIN for 30 s: a Service whose pods are all unready for a moment has no address for that long.
  { name: "forty seconds of NXDOMAIN", seconds: 40, fault: { rcode: "NXDOMAIN" } },
] as const;

const haproxies = await findAllHaproxies();

// In parallel: each waits for HAProxy's queries.
describe.concurrent.each(FAILURES)("$name affects no request", ({ seconds, fault }) => {
  test.for(haproxies)("HAProxy $version", { timeout: 180_000 }, async (haproxy, context) => {
    const { get, untilLogged, untilQueried, dns, openPod } = await edgeWithNames(context, haproxy);
    const pod = await openPod(1);
    dns.set(ONE, { a: [pod.endpoint.host] });
    dns.set(PODS, { a: [pod.endpoint.host] });
    await Promise.all([untilLogged(/Server one\/one .*UP/), untilLogged(/Server pods\/pods-1 .*UP/)]);
    dns.fail(fault);
    // One query per second, by HAProxy's timer.
    for (let second = 0; second < seconds; second += 1) {
      expect(await get("/")).toEqual({ status: 200, body: "pod-1" });
      expect(await get("/pods")).toEqual({ status: 200, body: "pod-1" });
      await untilQueried(1, ONE, "A");
    }
  });
});

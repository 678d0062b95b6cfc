// DNS stops while HAProxy serves: for longer than HAProxy's default for keeping an address (30 s; manual section 5.3.2, hold).
import { expect, test } from "vitest";
import { findAllHaproxies } from "./all-haproxies.ts";
import { edgeWithNames } from "./fixtures/edge-with-names.ts";

const ONE = "one.web.svc.cluster.local";
const PODS = "pods.web.svc.cluster.local";

// In parallel: each waits for one minute of HAProxy's queries.
test.concurrent.for(await findAllHaproxies())(
  "HAProxy $version: one minute without DNS affects no request",
  { timeout: 180_000 },
  async (haproxy, context) => {
    const { get, untilLogged, untilQueried, dns, openPod } = await edgeWithNames(context, haproxy);
    const pod = await openPod(1);
    dns.set(ONE, { a: [pod.endpoint.host] });
    dns.set(PODS, { a: [pod.endpoint.host] });
    await Promise.all([untilLogged(/Server one\/one .*UP/), untilLogged(/Server pods\/pods-1 .*UP/)]);
    dns.fail({ unanswered: true });
    // One query per second, by HAProxy's timer.
    for (let second = 0; second < 60; second += 1) {
      expect(await get("/")).toEqual({ status: 200, body: "pod-1" });
      expect(await get("/pods")).toEqual({ status: 200, body: "pod-1" });
      await untilQueried(1, ONE, "A");
    }
  },
);

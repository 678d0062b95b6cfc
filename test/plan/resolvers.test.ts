// The largest DNS response that HAProxy accepts: computed from the slots of headless Services.
import { expect, test } from "vitest";
import { findingsOf } from "../check/described.ts";
import { planned, site } from "../model/planned.ts";

type Endpoints = "headless" | "service" | { headless: number };

function resolversWith(endpoints: Endpoints, dns?: { nameServers: string[]; tcp: true }) {
  const plan = planned({
    sites: site([{ to: "pods" }]),
    backends: { pods: { service: "pods.web", port: 8080, endpoints } },
    ...(dns && { dns }),
  });
  if (plan.resolvers === null) throw new Error("no resolvers");
  return plan.resolvers;
}

test.each<[Endpoints, number]>([
  ["service", 1232],
  ["headless", 1232],
  [{ headless: 41 }, 1232],
  [{ headless: 42 }, 1232 + 1],
  [{ headless: 400 }, 12 + 32 + 400 * 28 + 11],
  [{ headless: 1000 }, 12 + 32 + 1000 * 28 + 11],
])("%j: %i bytes", (endpoints, bytes) => {
  const { value } = resolversWith(endpoints).payloadBytes;
  if (bytes === 1233) expect(value).toBeGreaterThanOrEqual(bytes - 1);
  else expect(value).toBe(bytes);
});

test("over TCP", () => {
  const dns = { nameServers: ["10.96.0.10", "10.96.0.11:5353"], tcp: true } as const;
  const { nameServers } = resolversWith("headless", { ...dns, nameServers: [...dns.nameServers] });
  expect(nameServers).toEqual(["tcp@10.96.0.10:53", "tcp@10.96.0.11:5353"]);
});

test.each([
  [508, "", []],
  [510, "", ["too-many-headless-pods"]],
  [1000, "dns: { nameServers: [10.96.0.10], tcp: true }", []],
])("%i slots, %j: %j", async (slots, dns, codes) => {
  const findings = await findingsOf(`edge: shop
sites: [{ host: shop.example.com, routes: [{ to: shop }] }]
backends: { shop: { service: shop, port: 8080, endpoints: { headless: ${slots} } } }
${dns}
`);
  expect(findings.map(({ code }) => code)).toEqual(codes);
});

test("TCP without name servers is refused", async () => {
  const yaml = "edge: shop\nsites: [{ host: a.test, redirect: { to: /x } }]\ndns: { tcp: true }\n";
  await expect(findingsOf(yaml)).rejects.toThrow("`tcp` requires `nameServers`");
});

// Networks of their own for labs.

import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { claimNetwork } from "../../src/lab/network.ts";

test("concurrent labs never share an endpoint", async () => {
  const networks = await Promise.all(Array.from({ length: 20 }, () => claimNetwork()));
  onTestFinished(async () => {
    await Promise.all(networks.map((network) => network.release()));
  });
  const endpoints = await Promise.all(
    networks.flatMap((network) => [network.listenAt(1), network.listenAt(1)]),
  );
  expect(new Set(endpoints.map(({ host, port }) => `${host}:${port}`)).size).toBe(40);
  if (networks[0]?.address(1) !== networks[0]?.address(2))
    expect(new Set(networks.map((each) => each.address(1))).size).toBe(20);
});

test("its endpoints can be listened on", async () => {
  const network = await claimNetwork();
  onTestFinished(() => network.release());
  const server = createServer().listen({ ...(await network.listenAt(7)), exclusive: true });
  await once(server, "listening");
  server.close();
});

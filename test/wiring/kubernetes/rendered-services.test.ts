// Rendered Services are read back as the values of the plan, for each provider.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { PROVIDERS, providerNamed, providerOf } from "../../../src/providers/providers.ts";
import { goldenCase } from "../../golden-files.ts";

const root = join(import.meta.dirname, "../../golden");
const goldens = readdirSync(root).filter((name) => name.startsWith("kubernetes-service-"));

test("there is a golden case for each provider", () => {
  expect(goldens).toEqual(PROVIDERS.map(({ name }) => `kubernetes-service-${name}`).sort());
});

describe.each(goldens)("%s", async (name) => {
  const { plan } = await goldenCase(join(root, name));
  if (plan === null) throw new Error(`${name} is refused`);
  const { metadata, spec } = parse(readFileSync(join(root, name, "kubernetes/service-public.yaml"), "utf8"));
  const provider = providerNamed(plan.loadBalancer.service?.provider ?? "metallb");
  const service = {
    annotations: metadata.annotations ?? {},
    externalTrafficPolicy: spec.externalTrafficPolicy,
    ports: spec.ports,
  };

  test("is recognised", () => {
    expect(providerOf(service)?.name).toBe(name.replace("kubernetes-service-", ""));
  });

  test("has PROXY, TLS termination and idle timeout as planned", () => {
    for (const { port, proxyProtocol, protocol, certificate } of plan.loadBalancer.ports) {
      const read = provider.proxy?.read(service, port.value) ?? { value: "none" };
      // IBM does not document its PROXY version, so it is not read.
      if (provider.proxy?.versions.length !== 0) expect(read).toMatchObject({ value: proxyProtocol });
      const tls = provider.tls?.read(service, port.value);
      expect(tls && "value" in tls && tls.value).toBe(protocol === "tls" ? certificate : undefined);
    }
    if (provider.idleTimeout !== undefined && provider.idleTimeout.write !== undefined)
      expect(provider.idleTimeout.read(service.annotations)).toMatchObject({
        value: plan.loadBalancer.idleTimeoutMs.value / 1000,
      });
  });
});

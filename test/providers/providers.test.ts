// The facts about clouds: every provider is listed, and reads its own annotations back.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PortAsked, ServiceRequirements, ServiceText } from "../../src/providers/provider.ts";
import { annotationsFor, PROVIDERS, providerNamed, providerOf } from "../../src/providers/providers.ts";

const folder = join(import.meta.dirname, "../../src/providers");
/** Files that are not providers, and a provider that shares another's file. */
const OTHER_FILES = ["forms", "provider", "providers"];
const SHARED = ["ovh"];

test("every file of the folder is a listed provider or an exception", () => {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.replace(/\.ts$/, ""));
  expect([...PROVIDERS.map(({ name }) => name), ...OTHER_FILES].sort()).toEqual([...files, ...SHARED].sort());
});

test("names and titles are unique, and every document has an address", () => {
  expect(new Set(PROVIDERS.map(({ name }) => name)).size).toBe(PROVIDERS.length);
  for (const { documents } of PROVIDERS) {
    expect(Object.keys(documents).length).toBeGreaterThan(0);
    for (const [title, url] of Object.entries(documents)) {
      expect(title).toMatch(/^\S.{5,}/);
      expect(new URL(url).protocol).toBe("https:");
    }
  }
});

describe.each(PROVIDERS.map(({ name }) => name))("%s", (name) => {
  const provider = providerNamed(name);

  /** Requirements that this provider supports: PROXY on all ports or by port, a version, TLS termination. */
  const requirements: fc.Arbitrary<ServiceRequirements> = fc
    .record({
      versions: fc.array(fc.constantFrom("none" as const, ...(provider.proxy?.versions ?? [])), {
        minLength: 2,
        maxLength: 2,
      }),
      certificate: provider.tls === undefined ? fc.constant(undefined) : fc.constantFrom(undefined, "one"),
      internal: provider.internal === undefined ? fc.constant(false) : fc.boolean(),
      idleTimeoutS:
        provider.idleTimeout?.write === undefined
          ? fc.constant(undefined)
          : fc.integer({ min: 5, max: 60 }).map((minutes) => minutes * 60),
    })
    .map(({ versions: [first = "none", second = "none"], certificate, ...rest }) => ({
      ...rest,
      ports: [
        { port: 80, proxy: first },
        { port: 443, proxy: provider.proxy?.perPort === true ? second : first, certificate },
      ],
    }));

  test("reads its own annotations back", () => {
    fc.assert(
      fc.property(requirements, (what) => {
        const service = serviceOf(annotationsFor(provider, what), what.ports);
        for (const { port, proxy, certificate } of what.ports) {
          if (provider.proxy !== undefined)
            expect(provider.proxy.read(service, port)).toMatchObject({ value: proxy });
          const read = provider.tls?.read(service, port);
          if (certificate === undefined) expect(read).toBeUndefined();
          else expect(JSON.stringify(read)).toContain(certificate);
        }
        if (provider.internal !== undefined)
          expect(provider.internal.read(service.annotations)).toMatchObject({ value: what.internal });
        if (what.idleTimeoutS !== undefined)
          expect(provider.idleTimeout?.read(service.annotations)).toMatchObject({
            value: what.idleTimeoutS,
          });
      }),
    );
  });

  test("is recognised by its annotations, if it writes any", () => {
    fc.assert(
      fc.property(requirements, (what) => {
        const annotations = annotationsFor(provider, what);
        const found = providerOf(serviceOf(annotations, what.ports));
        expect(found?.name).toBe(annotations.length === 0 ? undefined : name);
      }),
    );
  });

  test("writes each annotation once, with a reason and a valid name", () => {
    fc.assert(
      fc.property(requirements, (what) => {
        const annotations = annotationsFor(provider, what);
        expect(new Set(annotations.map((one) => one.name)).size).toBe(annotations.length);
        for (const one of annotations) {
          expect(one.because).toMatch(/^\S/);
          expect(one.name).toMatch(/^[a-z0-9.-]+\/[A-Za-z0-9]([-A-Za-z0-9._]{0,61}[A-Za-z0-9])?$/);
        }
      }),
    );
  });

  test("a supported idle timeout is in its range, and so is the default", () => {
    const { idleTimeout } = provider;
    if (idleTimeout === undefined || idleTimeout.range === undefined || idleTimeout.defaultS === undefined)
      return;
    expect(idleTimeout.defaultS).toBeGreaterThanOrEqual(idleTimeout.range.leastS);
    expect(idleTimeout.defaultS).toBeLessThanOrEqual(idleTimeout.range.mostS);
  });
});

function serviceOf(
  annotations: readonly { readonly name: string; readonly value: string }[],
  ports: readonly PortAsked[],
): ServiceText {
  return {
    annotations: Object.fromEntries(annotations.map(({ name, value }) => [name, value])),
    externalTrafficPolicy: "Cluster",
    ports: ports.map(({ port }) => ({ port })),
  };
}

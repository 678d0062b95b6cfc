// The image's base decides the C library, and the C library decides the options of resolv.conf.
import { expect, test } from "vitest";
import type { Edge } from "../../src/description/define-edge.ts";
import { planned, site } from "../model/planned.ts";
import { codesOf } from "./codes.ts";

const of = (more: Partial<Edge> = {}) => planned({ sites: site([{ to: "app" }]), ...more });

const BASES = ["debian", "ubuntu", "official", "minimal", "alpine"] as const;
/** Options of resolv.conf that musl supports (its resolvconf.c). */
const KNOWN_TO_MUSL = new Set(["ndots", "timeout", "attempts"]);

test.each(BASES)("%s: options that its C library supports", (base) => {
  const { image, dns } = of({ image: { base } });
  const names = dns.options.map(({ name }) => name);
  expect(image.libc.name).toBe(base === "alpine" ? "musl" : "glibc");
  expect(names).toContain("ndots");
  if (image.libc.name === "musl") expect(names.filter((name) => !KNOWN_TO_MUSL.has(name))).toEqual([]);
  else expect(names).toContain("no-aaaa");
});

test("described options are used unchanged", () => {
  const { dns } = of({ dns: { options: ["single-request", "timeout:1"] } });
  expect(dns.options).toMatchObject([
    { name: "single-request", value: null, because: "described" },
    { name: "timeout", value: "1", because: "described" },
  ]);
});

test("the container's rsyslogd listens on HAProxy's log socket", () => {
  const { logs, image } = of({ image: { logs: "rsyslog" } });
  expect(logs.to.value.startsWith(`${image.runFolder}/`)).toBe(true);
  expect(of().logs.to.value).toBe("stdout");
});

test("a certificate from a Secret is below the configuration's folder", () => {
  const tls = { terminatedAt: "haproxy", certificates: [{ secret: "shop-tls" }] } as const;
  const { kubernetes, image, listeners } = of({
    public: {
      loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] },
      tls: { ...tls, certificates: [...tls.certificates] },
    },
  });
  expect(kubernetes.certificates).toEqual([
    { secret: "shop-tls", file: `${image.configFolder}/certificates/shop-tls.pem` },
  ]);
  expect(listeners.flatMap(({ tls: own }) => own?.certificates.map(({ file }) => file) ?? [])).toEqual(
    kubernetes.certificates.map(({ file }) => file),
  );
});

test.each([
  [["10.96.0.10"], ["10.96.0.10"], /^described$/],
  [["10.96.0.10:53"], ["10.96.0.10"], /^described$/],
  [["10.96.0.10:5353"], [], /without name servers with a port/],
  [["10.96.0.10:5353", "10.96.0.11"], ["10.96.0.11"], /without name servers with a port/],
])("name servers %j: the pod's resolv.conf gets %j", (nameServers, value, because) => {
  const { dns } = of({ dns: { nameServers } });
  expect(dns).toMatchObject({ nameServers: { value: nameServers }, podNameServers: { value } });
  expect(dns.podNameServers.because).toMatch(because);
});

test.each(["999.1.1.1", "10.96.0.10:99999", "10.96.0.10:0"])("%s is not a name server", (server) => {
  expect(codesOf({ dns: { nameServers: [server] } })).toHaveLength(1);
  expect(codesOf({ dns: { nameServers: ["10.96.0.10"] } })).toEqual([]);
});

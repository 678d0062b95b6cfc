// Lowering of TLS that HAProxy terminates: certificates, versions and protocols.
import { DEFAULTS } from "../description/defaults.ts";
import { normalHost } from "../description/host.ts";
import { decide } from "./described.ts";
import { CERTIFICATE_FOLDER } from "./image.ts";
import type { DescribedTls, Lowering } from "./lowering.ts";
import type { TlsPlan } from "./plan.ts";

export function lowerTls(lowering: Lowering): TlsPlan | null {
  const tls = lowering.edge.public?.tls;
  const described = lowering.described.get("public").get("tls");
  if (tls?.terminatedAt !== "haproxy") return null;
  return {
    certificates: tls.certificates.map((certificate, index) =>
      lowerCertificate(lowering, certificate, index),
    ),
    minVersion: decide(
      described.get("minVersion"),
      DEFAULTS.tls.minVersion,
      "TLS 1.1 is deprecated (RFC 8996)",
    ),
    alpn: tls.http2 === false ? ["http/1.1"] : ["h2", "http/1.1"],
  };
}

type DescribedCertificate = Extract<DescribedTls, { terminatedAt: "haproxy" }>["certificates"][number];

function lowerCertificate(
  { report }: Lowering,
  { file, secret, hosts = [] }: DescribedCertificate,
  index: number,
): TlsPlan["certificates"][number] {
  const complain = (what: string, why: string) =>
    report({
      code: "invalid-certificate-source",
      what,
      why,
      remedy: "Write `file` or `secret`.",
      path: ["public", "tls", "certificates", index],
    });
  if (file === undefined && secret === undefined)
    complain("the certificate has no source", "HAProxy does not start without the certificate.");
  if (file !== undefined && secret !== undefined)
    complain("the certificate has two sources, a file and a Secret", "Only one of the two can apply.");
  return {
    file: file ?? `${CERTIFICATE_FOLDER}/${secret ?? "none"}.pem`,
    secret: secret ?? null,
    hosts: hosts.map(normalHost),
  };
}

// Lowering of TLS that HAProxy terminates: certificates, versions and protocols.
import { normalHost } from "../description/host.ts";
import { decide } from "./described.ts";
import { CERTIFICATE_FOLDER } from "./image.ts";
import type { Lowering } from "./lowering.ts";
import type { TlsPlan } from "./plan.ts";

export function lowerTls(lowering: Lowering): TlsPlan | null {
  const tls = lowering.edge.public?.tls;
  const described = lowering.described.get("public").get("tls");
  if (tls?.terminatedAt !== "haproxy") return null;
  return {
    certificates: tls.certificates.map(({ file, secret, hosts = [] }, index) =>
      lowerCertificate(lowering, { file, secret, hosts }, index),
    ),
    minVersion: decide(described.get("minVersion"), "1.2", "TLS 1.1 is deprecated (RFC 8996)"),
    alpn: tls.http2 === false ? ["http/1.1"] : ["h2", "http/1.1"],
  };
}

function lowerCertificate(
  lowering: Lowering,
  { file, secret, hosts }: { file: string | undefined; secret: string | undefined; hosts: readonly string[] },
  index: number,
): TlsPlan["certificates"][number] {
  if ((file === undefined) === (secret === undefined))
    lowering.report({
      code: "invalid-certificate-source",
      what:
        file === undefined
          ? "the certificate has no source"
          : "the certificate has two sources, a file and a Secret",
      why:
        file === undefined
          ? "HAProxy does not start without the certificate."
          : "Only one of the two can apply.",
      remedy: "Write `file` or `secret`.",
      path: ["public", "tls", "certificates", index],
    });
  return {
    file: file ?? `${CERTIFICATE_FOLDER}/${secret ?? "none"}.pem`,
    secret: secret ?? null,
    hosts: hosts.map(normalHost),
  };
}

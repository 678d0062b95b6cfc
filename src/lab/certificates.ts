// Certificates for one lab run: a certificate authority per process, and leaf certificates for any names.
//
// The certificates that the lab needs are encoded here, in DER, and signed by node:crypto: 6 ms for the
// first. @peculiar/x509 takes 190 ms to load and make one (and needs a polyfill of Reflect), its ASN.1 layer 110 ms;
// a lab has to be up in less than half a second.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { der, derBits, derInteger, derObjectId, derTime } from "./der.ts";
import { addressBytes } from "./tcp/proxy-protocol.ts";

export interface LabAuthority {
  /** PEM of the certificate to trust. */
  readonly certificate: string;
}

export interface LabCertificate {
  /** PEM each: the private key (PKCS #8), the leaf, the authority. */
  readonly key: string;
  readonly certificate: string;
  readonly authority: string;
  /** Leaf, authority and private key in one PEM, as HAProxy's `crt` expects them. */
  readonly bundle: string;
  /** The names and addresses that it was requested for. */
  readonly names: readonly string[];
}

/** The authority of this process. */
export function labAuthority(): LabAuthority {
  return { certificate: theAuthority().pem };
}

/**
 * A certificate for these names: host names, wildcards such as `*.example.com`, IP addresses. The same names in the
 * same order give the same certificate within a process. Throws without a name.
 */
export function labCertificate(names: readonly string[]): LabCertificate {
  if (names.length === 0) throw new Error("a certificate needs a name");
  const key = names.join("\n");
  const known = leaves.get(key);
  if (known !== undefined) return known;
  const made = issueLeaf(names);
  leaves.set(key, made);
  return made;
}

/** A key with its certificate, able to sign others. */
interface Issuer {
  readonly commonName: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly pem: string;
}

interface Wanted {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly issuer: Omit<Issuer, "pem">;
  /** The names of a leaf certificate; absent for an authority. */
  readonly names?: readonly string[];
}

const leaves = new Map<string, LabCertificate>();
let authority: Issuer | undefined;

const DAY_MS = 86_400_000;

function theAuthority(): Issuer {
  if (authority !== undefined) return authority;
  const issuer = { commonName: "Portico lab authority", ...newKeyPair() };
  const pem = issue({ commonName: issuer.commonName, publicKey: issuer.publicKey, issuer });
  authority = { ...issuer, pem };
  return authority;
}

function issueLeaf(names: readonly string[]): LabCertificate {
  const issuer = theAuthority();
  const pair = newKeyPair();
  // A common name has at most 64 characters (RFC 5280 appendix A.1); clients use the subject alternative names.
  const commonName = (names[0] ?? "").slice(0, 64);
  const certificate = issue({ commonName, publicKey: pair.publicKey, issuer, names });
  const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const bundle = `${certificate}${issuer.pem}${key}`;
  return { key, certificate, authority: issuer.pem, bundle, names: [...names] };
}

function newKeyPair(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** A certificate (RFC 5280 section 4.1) as PEM. */
function issue(wanted: Wanted): string {
  const now = Date.now();
  // ECDSA with SHA-256 (RFC 5758 section 3.2): the fastest signature that every TLS stack accepts.
  const algorithm = der.sequence(derObjectId("1.2.840.10045.4.3.2"));
  const body = der.sequence(
    der.context(0, derInteger(Buffer.of(2))), // version 3
    derInteger(randomBytes(16)),
    algorithm,
    distinguishedName(wanted.issuer.commonName),
    // Valid from yesterday, to tolerate clock skew; no lab runs for a month.
    der.sequence(derTime(now - DAY_MS), derTime(now + 30 * DAY_MS)),
    distinguishedName(wanted.commonName),
    keyInfo(wanted.publicKey),
    der.context(3, der.sequence(...extensions(wanted))),
  );
  const signature = sign("sha256", body, wanted.issuer.privateKey);
  return toPem(der.sequence(body, algorithm, derBits(signature)));
}

/** Extensions (RFC 5280 section 4.2). */
function extensions({ names, publicKey, issuer }: Wanted): Buffer[] {
  const subjectKey = extension("2.5.29.14", der.octets(keyIdentifier(publicKey)));
  const issuerKey = extension("2.5.29.35", der.sequence(der.implicit(0, keyIdentifier(issuer.publicKey))));
  const isAuthority = names === undefined;
  const constraints = criticalExtension("2.5.29.19", isAuthority ? der.sequence(der.true) : der.sequence());
  // Key usage: keyCertSign and cRLSign, or digitalSignature; bits count from the highest.
  const usage = criticalExtension(
    "2.5.29.15",
    isAuthority ? derBits(Buffer.of(0x06), 1) : derBits(Buffer.of(0x80), 7),
  );
  if (isAuthority) return [constraints, usage, subjectKey, issuerKey];
  return [
    constraints,
    usage,
    extension("2.5.29.37", der.sequence(derObjectId("1.3.6.1.5.5.7.3.1"))), // server authentication
    extension("2.5.29.17", der.sequence(...names.map(alternativeName))),
    subjectKey,
    issuerKey,
  ];
}

function extension(id: string, value: Buffer): Buffer {
  return der.sequence(derObjectId(id), der.octets(value));
}

function criticalExtension(id: string, value: Buffer): Buffer {
  return der.sequence(derObjectId(id), der.true, der.octets(value));
}

/** A DNS name is choice 2, an IP address choice 7 (RFC 5280 section 4.2.1.6). */
function alternativeName(name: string): Buffer {
  return isIP(name) === 0
    ? der.implicit(2, Buffer.from(name, "latin1"))
    : der.implicit(7, addressBytes(name));
}

function distinguishedName(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(derObjectId("2.5.4.3"), der.text(commonName))));
}

function keyInfo(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: "spki", format: "der" });
}

/** SHA-1 over the key, used as an identifier only (RFC 5280 section 4.2.1.2). */
function keyIdentifier(publicKey: KeyObject): Buffer {
  // A P-256 point is the last 65 bytes of its SubjectPublicKeyInfo.
  return createHash("sha1").update(keyInfo(publicKey).subarray(-65)).digest();
}

function toPem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

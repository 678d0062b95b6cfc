// Certificates of the lab, as node:crypto reads them; tests of the simulators use them for TLS.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { labAuthority, labCertificate } from "../../src/lab/certificates.ts";

test("a leaf has its names, the signature of the process's authority, and its private key", () => {
  const names = ["app.example.com", "*.example.org", "127.0.0.1", "2001:db8::1"];
  const made = labCertificate(names);
  const leaf = new X509Certificate(made.certificate);
  const authority = new X509Certificate(labAuthority().certificate);
  expect(leaf.verify(authority.publicKey)).toBe(true);
  expect(leaf.checkIssued(authority)).toBe(true);
  expect(authority.ca).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  expect(leaf.checkHost("app.example.com")).toBe("app.example.com");
  expect(leaf.checkHost("a.example.org")).toBe("*.example.org");
  expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(leaf.checkIP("2001:db8::1")).toBe("2001:db8::1");
  expect(leaf.checkHost("other.example.com")).toBeUndefined();
  expect(made.bundle).toBe(made.certificate + made.authority + made.key);
  expect(labCertificate(names)).toBe(made);
});

test("a name that is too long for a common name is still a subject alternative name", () => {
  const long = `${"a".repeat(60)}.${"b".repeat(60)}.example.com`;
  expect(new X509Certificate(labCertificate([long]).certificate).checkHost(long)).toBe(long);
});

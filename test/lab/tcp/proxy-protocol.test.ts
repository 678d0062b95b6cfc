// PROXY headers of both versions, against the bytes of HAProxy's proxy-protocol.txt.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeProxyV1,
  encodeProxyV2,
  parseProxyHeader,
  proxiedAddresses,
} from "../../../src/lab/tcp/proxy-protocol.ts";

const four = proxiedAddresses("192.168.0.1", 56324, "192.168.0.11", 443);
const six = proxiedAddresses("2001:db8::1", 1, "::ffff:192.0.2.1", 65535);

test("version 1 is the line in section 2.1", () => {
  expect(encodeProxyV1(four).toString()).toBe("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
  expect(encodeProxyV1(six).toString()).toBe("PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 1 65535\r\n");
  expect(encodeProxyV1(undefined).toString()).toBe("PROXY UNKNOWN\r\n");
});

test("version 2 has the bytes in section 2.2", () => {
  const signature = "0d0a0d0a000d0a515549540a";
  expect(encodeProxyV2(four).toString("hex")).toBe(`${signature}2111000cc0a80001c0a8000bdc0401bb`);
  expect(encodeProxyV2(six).toString("hex")).toBe(
    `${signature}21210024${"20010db8000000000000000000000001"}${"00000000000000000000ffffc0000201"}0001ffff`,
  );
  expect(encodeProxyV2("local").toString("hex")).toBe(`${signature}20000000`);
  expect(encodeProxyV2(undefined).toString("hex")).toBe(`${signature}21000000`);
});

describe("written headers are parsed, at once or in fragments", () => {
  const addresses = fc.oneof(
    fc.tuple(fc.ipV4(), fc.nat(65535), fc.ipV4(), fc.nat(65535)),
    fc.tuple(fc.ipV6(), fc.nat(65535), fc.ipV6(), fc.nat(65535)),
  );
  const fields = fc.array(fc.record({ type: fc.integer({ min: 0xe0, max: 0xef }), value: fc.uint8Array() }));

  test("version 1", () => {
    fc.assert(
      fc.property(addresses, fc.nat(20), ([source, from, destination, to], extra) => {
        const proxied = proxiedAddresses(source, from, destination, to);
        const header = encodeProxyV1(proxied);
        for (let size = 0; size < header.length; size++) {
          expect(parseProxyHeader(header.subarray(0, size))).toEqual({ incomplete: true });
        }
        const parsed = parseProxyHeader(Buffer.concat([header, Buffer.alloc(extra)]));
        expect(parsed).toEqual({
          header: { version: 1, command: "proxy", ...proxied },
          length: header.length,
        });
      }),
    );
  });

  test("version 2, with fields and a checksum that a flipped bit breaks", () => {
    fc.assert(
      fc.property(addresses, fields, fc.nat(), ([source, from, destination, to], given, flip) => {
        const proxied = proxiedAddresses(source, from, destination, to);
        const sent = given.map(({ type, value }) => ({ type, value: Buffer.from(value) }));
        const header = encodeProxyV2(proxied, { fields: sent, checksum: true });
        for (let size = 0; size < header.length; size++) {
          expect(parseProxyHeader(header.subarray(0, size))).toEqual({ incomplete: true });
        }
        const parsed = parseProxyHeader(header);
        if (!("header" in parsed) || parsed.header.command !== "proxy")
          throw new Error(JSON.stringify(parsed));
        expect(encodeProxyV2(parsed.header)).toEqual(encodeProxyV2(proxied));
        expect(parsed.header.fields?.slice(1)).toEqual(sent);
        const at = 16 + (flip % 12);
        header[at] = (header[at] ?? 0) ^ 1;
        expect(parseProxyHeader(header)).toEqual({ malformed: "a wrong CRC32c" });
      }),
    );
  });
});

test("any spelling of an IPv6 address is normalised to the shortest", () => {
  const header = encodeProxyV2(proxiedAddresses("2001:0DB8:0:0:0:0:0:1", 1, "::", 2));
  expect(parseProxyHeader(header)).toMatchObject({ header: { source: "2001:db8::1", destination: "::" } });
});

test("LOCAL and UNKNOWN carry no addresses, whatever their address block", () => {
  const local = encodeProxyV2(four);
  local[12] = 0x20;
  expect(parseProxyHeader(local)).toEqual({ header: { version: 2, command: "local" }, length: local.length });
  expect(parseProxyHeader(Buffer.from("PROXY UNKNOWN ff:: :: 1 2\r\nGET"))).toEqual({
    header: { version: 1, command: "unknown" },
    length: 27,
  });
});

test.each([
  ["GET / HTTP/1.1\r\n", /no PROXY header/],
  ["PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", /not a PROXY line/],
  ["PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n", /not a PROXY line/],
  ["PROXY TCP4 ::1 ::1 1 2\r\n", /not a PROXY line/],
  ["PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n", /not a PROXY line/],
  ["PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n", /not a PROXY line/],
  [`PROXY TCP4 ${"1".repeat(200)}`, /longer than 107 bytes/],
  ["\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0", /unknown version and command/],
  ["\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04abcd", /address block of 4 bytes/],
])("%j is refused", (text, why) => {
  expect(parseProxyHeader(Buffer.from(text, "latin1"))).toEqual({ malformed: expect.stringMatching(why) });
});

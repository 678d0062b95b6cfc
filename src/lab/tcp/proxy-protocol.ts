// The PROXY protocol, versions 1 and 2: written like a load balancer, parsed like a server.
//
// Section numbers are those of HAProxy's proxy-protocol.txt.
import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** Both ends of a connection as its first proxy saw it. */
export interface ProxiedAddresses {
  readonly family: "tcp4" | "tcp6";
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/**
 * Kinds of header. `local` (version 2) is the proxy's own connection, such as a health check; `unknown` a connection
 * whose addresses the proxy does not know (`UNKNOWN`, AF_UNSPEC, or a family that the lab does not use).
 */
export type ProxyHeader =
  | ({ readonly version: 1 | 2; readonly command: "proxy" } & ProxiedAddresses & ProxyFields)
  | ({ readonly version: 1 | 2; readonly command: "unknown" } & ProxyFields)
  | ({ readonly version: 2; readonly command: "local" } & ProxyFields);

export interface ProxyFields {
  /** Version 2 only: type-length-value fields, in order (section 2.2). */
  readonly fields?: readonly ProxyField[];
}

export interface ProxyField {
  readonly type: number;
  readonly value: Buffer;
}

/** A header at the start of the bytes; `incomplete` when more bytes are needed; or why it is invalid. */
export type ProxyParse =
  | { readonly header: ProxyHeader; readonly length: number }
  | { readonly incomplete: true }
  | { readonly malformed: string };

/** The addresses of a connection, with their family. Throws when they are not of one family. */
export function proxiedAddresses(
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
): ProxiedAddresses {
  const family = familyOf(source);
  if (family === undefined || family !== familyOf(destination)) {
    throw new Error(`not two addresses of one family: ${source}, ${destination}`);
  }
  return { family, source, sourcePort, destination, destinationPort };
}

/** Version 1, a line of text (section 2.1); without addresses `PROXY UNKNOWN`. */
export function encodeProxyV1(addresses: ProxiedAddresses | undefined): Buffer {
  if (addresses === undefined) return Buffer.from("PROXY UNKNOWN\r\n");
  const { family, source, destination, sourcePort, destinationPort } = addresses;
  return Buffer.from(
    `PROXY ${family.toUpperCase()} ${source} ${destination} ${sourcePort} ${destinationPort}\r\n`,
  );
}

export interface ProxyV2Options {
  readonly fields?: readonly ProxyField[];
  /** Put a checksum field before the others (section 2.2.3), as NLBs do. */
  readonly checksum?: boolean;
}

/** Version 2, binary (section 2.2); `"local"` for the proxy's own connection, without addresses AF_UNSPEC. */
export function encodeProxyV2(
  addresses: ProxiedAddresses | "local" | undefined,
  options: ProxyV2Options = {},
): Buffer {
  const proxied = typeof addresses === "object" ? addresses : undefined;
  const block = proxied === undefined ? Buffer.alloc(0) : addressBlock(proxied);
  const fields = [...(options.fields ?? [])];
  if (options.checksum === true) fields.unshift({ type: CRC32C_FIELD, value: Buffer.alloc(4) });
  const tail = Buffer.concat([block, ...fields.map(encodeField)]);
  const start = Buffer.alloc(4);
  start[0] = 0x20 | (addresses === "local" ? 0 : 1);
  start[1] = proxied === undefined ? 0x00 : FAMILY_BYTE[proxied.family];
  start.writeUInt16BE(tail.length, 2);
  const header = Buffer.concat([SIGNATURE, start, tail]);
  if (options.checksum === true) header.writeUInt32BE(crc32c(header), 16 + block.length + 3);
  return header;
}

/** Parses a header of either version at the start of the bytes, and nothing after it. */
export function parseProxyHeader(bytes: Buffer): ProxyParse {
  if (bytes.length === 0) return { incomplete: true };
  if (matches(bytes, SIGNATURE)) return parseV2(bytes);
  if (matches(bytes, V1_START)) return parseV1(bytes);
  return { malformed: `no PROXY header: ${JSON.stringify(bytes.toString("latin1", 0, 60))}` };
}

/** The 4 or 16 bytes of an IP address, in network order. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  const bytes = Buffer.alloc(16);
  const [before = "", after] = withoutDottedQuad(address).split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  head.forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  });
  tail.forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * (8 - tail.length + index));
  });
  return bytes;
}

/** Address family and protocol of version 2: TCP over IPv4, TCP over IPv6 (section 2.2). */
const FAMILY_BYTE = { tcp4: 0x11, tcp6: 0x21 } as const;
/** The protocol words of version 1 (section 2.1). */
const FAMILIES: ReadonlyMap<string, "tcp4" | "tcp6"> = new Map([
  ["TCP4", "tcp4"],
  ["TCP6", "tcp6"],
]);

/** The type of a checksum field (section 2.2.3). */
const CRC32C_FIELD = 0x03;
const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const V1_START = Buffer.from("PROXY ");
/** Longest line of version 1 with its CRLF (section 2.1). */
const V1_MAX_BYTES = 107;

function parseV1(bytes: Buffer): ProxyParse {
  const end = bytes.subarray(0, V1_MAX_BYTES).indexOf("\r\n");
  if (end === -1) {
    return bytes.length < V1_MAX_BYTES
      ? { incomplete: true }
      : { malformed: "a PROXY line longer than 107 bytes" };
  }
  const line = bytes.toString("latin1", 0, end);
  const length = end + 2;
  if (/^PROXY UNKNOWN( |$)/.test(line)) return { header: { version: 1, command: "unknown" }, length };
  const [, protocol = "", source = "", destination = "", from = "", to = "", ...rest] = line.split(" ");
  const sourcePort = portOf(from);
  const destinationPort = portOf(to);
  const family = FAMILIES.get(protocol);
  const right = family !== undefined && familyOf(source) === family && familyOf(destination) === family;
  if (!right || sourcePort === undefined || destinationPort === undefined || rest.length > 0) {
    return { malformed: `not a PROXY line: ${JSON.stringify(line)}` };
  }
  const addresses = { family, source, sourcePort, destination, destinationPort } as const;
  return { header: { version: 1, command: "proxy", ...addresses }, length };
}

function parseV2(bytes: Buffer): ProxyParse {
  if (bytes.length < 16) return { incomplete: true };
  const versionAndCommand = bytes.readUInt8(12);
  const familyAndProtocol = bytes.readUInt8(13);
  const length = 16 + bytes.readUInt16BE(14);
  if (versionAndCommand !== 0x20 && versionAndCommand !== 0x21) {
    return { malformed: `unknown version and command 0x${versionAndCommand.toString(16)}` };
  }
  if (bytes.length < length) return { incomplete: true };
  const block = bytes.subarray(16, length);
  // LOCAL: the family and the block are to be ignored (section 2.2).
  if (versionAndCommand === 0x20) return { header: { version: 2, command: "local" }, length };
  const shape = FAMILY_SHAPES[familyAndProtocol];
  if (shape === undefined) {
    return { header: { version: 2, command: "unknown" }, length };
  }
  const { family, addressBytes } = shape;
  const addressEnd = 2 * addressBytes + 4;
  if (block.length < addressEnd) return { malformed: `an address block of ${block.length} bytes` };
  const fields = parseFields(block.subarray(addressEnd));
  if (fields === undefined) return { malformed: "a field that is longer than the header" };
  const addresses: ProxiedAddresses = {
    family,
    source: formatAddress(block.subarray(0, addressBytes)),
    sourcePort: block.readUInt16BE(2 * addressBytes),
    destination: formatAddress(block.subarray(addressBytes, 2 * addressBytes)),
    destinationPort: block.readUInt16BE(2 * addressBytes + 2),
  };
  const checksum = fields.find((field) => field.type === CRC32C_FIELD)?.value;
  if (checksum !== undefined && !checksumIsRight(bytes.subarray(0, length), checksum)) {
    return { malformed: "a wrong CRC32c" };
  }
  return { header: { version: 2, command: "proxy", ...addresses, fields }, length };
}

const FAMILY_SHAPES: Readonly<Record<number, { family: "tcp4" | "tcp6"; addressBytes: 4 | 16 }>> = {
  17: { family: "tcp4", addressBytes: 4 },
  33: { family: "tcp6", addressBytes: 16 },
};

function parseFields(bytes: Buffer): ProxyField[] | undefined {
  const fields: ProxyField[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 3 > bytes.length) return undefined;
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) return undefined;
    fields.push({ type: bytes.readUInt8(at), value: bytes.subarray(at + 3, end) });
    at = end;
  }
  return fields;
}

function encodeField({ type, value }: ProxyField): Buffer {
  const start = Buffer.alloc(3);
  start[0] = type;
  start.writeUInt16BE(value.length, 1);
  return Buffer.concat([start, value]);
}

function addressBlock({ source, destination, sourcePort, destinationPort }: ProxiedAddresses): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(sourcePort, 0);
  ports.writeUInt16BE(destinationPort, 2);
  return Buffer.concat([addressBytes(source), addressBytes(destination), ports]);
}

/** `::ffff:192.0.2.1` as `::ffff:c000:201` (RFC 4291 section 2.2). */
function withoutDottedQuad(address: string): string {
  const start = address.lastIndexOf(":") + 1;
  const quad = address.slice(start);
  if (!isIPv4(quad)) return address;
  const hex = Buffer.from(quad.split(".").map(Number)).toString("hex");
  return `${address.slice(0, start)}${hex.slice(0, 4)}:${hex.slice(4)}`;
}

function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join(".");
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  // Node writes an IPv6 address in its shortest form (RFC 5952).
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

function familyOf(address: string): "tcp4" | "tcp6" | undefined {
  if (isIPv4(address)) return "tcp4";
  return isIPv6(address) ? "tcp6" : undefined;
}

function portOf(text: string): number | undefined {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}

/** Whether the bytes begin with the mark, as far as they are there. */
function matches(bytes: Buffer, mark: Buffer): boolean {
  const size = Math.min(bytes.length, mark.length);
  return bytes.subarray(0, size).equals(mark.subarray(0, size));
}

/** The checksum covers the header with the checksum's own bytes as zeros (section 2.2.3). */
function checksumIsRight(header: Buffer, checksum: Buffer): boolean {
  if (checksum.length !== 4) return false;
  const copy = Buffer.from(header);
  copy.fill(0, checksum.byteOffset - header.byteOffset, checksum.byteOffset - header.byteOffset + 4);
  return crc32c(copy) === checksum.readUInt32BE(0);
}

/** CRC32c (RFC 4960 appendix B), bit by bit: headers are short and rare. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

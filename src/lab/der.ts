// The part of DER (ITU-T X.690) that certificates need.

/** Constructed values, by their tags (X.680 section 8). */
export const der = {
  sequence: (...parts: readonly Buffer[]) => tagged(0x30, Buffer.concat(parts)),
  set: (...parts: readonly Buffer[]) => tagged(0x31, Buffer.concat(parts)),
  octets: (bytes: Buffer) => tagged(0x04, bytes),
  text: (text: string) => tagged(0x0c, Buffer.from(text)),
  true: Buffer.of(0x01, 0x01, 0xff),
  /** `[n] EXPLICIT`: wraps a whole value. */
  context: (n: number, value: Buffer) => tagged(0xa0 | n, value),
  /** `[n] IMPLICIT` of a primitive: replaces its tag. */
  implicit: (n: number, content: Buffer) => tagged(0x80 | n, content),
} as const;

/** A positive integer from its bytes, most significant first. */
export function derInteger(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  // A first bit of 1 would make it negative.
  return tagged(0x02, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

/** A bit string whose last `unused` bits are padding. */
export function derBits(bytes: Buffer, unused = 0): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.of(unused), bytes]));
}

/** From the dotted form, such as `2.5.4.3`. */
export function derObjectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

/** A time in ms since 1970, to the second: two digits of the year up to 2049, four after (RFC 5280 section 4.1.2.5). */
export function derTime(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/\.\d+|[-:T]/g, "");
  return Number(digits.slice(0, 4)) < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2)))
    : tagged(0x18, Buffer.from(digits));
}

function tagged(tag: number, content: Buffer): Buffer {
  const size = content.length;
  // A length below 128 is one byte, a longer one is preceded by how many bytes it takes.
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(size)]), content]);
}

function lengthBytes(size: number): readonly number[] {
  if (size < 0x80) return [size];
  return size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
}

/** Seven bits per byte, most significant first, all but the last with the high bit set. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

// Patterns of addresses (manual section 7.1.6): str2net() in HAProxy's src/tools.c.
import { isIPv4, isIPv6 } from "node:net";

/** The network as `ADDRESS` or `ADDRESS/BITS`; undefined: a name, or an address with octal numbers. */
export function networkOf(pattern: string): string | undefined {
  const [written = "", mask, ...rest] = pattern.split("/");
  if (rest.length > 0) return undefined;
  const address = isIPv6(written) ? written : quadOf(written);
  if (address === undefined || mask === undefined) return address;
  const bits = /^\d+$/.test(mask) ? Number(mask) : bitsOf(mask);
  return bits === undefined || bits > (isIPv6(address) ? 128 : 32) ? undefined : `${address}/${bits}`;
}

/** `10.1` is `10.0.0.1`, as inet_aton() reads it. */
function quadOf(written: string): string | undefined {
  const numbers = written.split(".");
  if (numbers.length > 4 || !numbers.every((one) => /^(?:0|[1-9]\d{0,9})$/.test(one))) return undefined;
  const last = Number(numbers.pop());
  const free = 4 - numbers.length;
  if (last >= 256 ** free) return undefined;
  const behind = Array.from({ length: free }, (_, at) => Math.floor(last / 256 ** (free - 1 - at)) % 256);
  const quad = [...numbers, ...behind].join(".");
  return isIPv4(quad) ? quad : undefined;
}

/** `255.255.0.0` is 16. */
function bitsOf(mask: string): number | undefined {
  if (!isIPv4(mask)) return undefined;
  const digits = mask
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(digits) ? digits.replace(/0*$/, "").length : undefined;
}

// The length of a request's body, and what the edge refuses because of it.
import { LONGEST_BODY_BYTES } from "../plan/limits.ts";
import type { BodyLimit } from "../plan/site-plan.ts";
import type { HeaderList } from "./headers.ts";

export function lengthOverflows(headers: HeaderList): boolean {
  return contentLength(headers) > LONGEST_BODY_BYTES;
}

/** The status that HAProxy answers instead of the route's action, and why; undefined: none. RFC 9112 section 6.3: Transfer-Encoding overrides Content-Length. */
export function bodyProblem(
  limit: BodyLimit | null,
  headers: HeaderList,
): { readonly status: 411 | 413; readonly because: string } | undefined {
  if (limit === null) return undefined;
  if (isChunked(headers)) {
    if (limit.unknownLength === "allow") return undefined;
    return { status: 411, because: "the length of the body is unknown, and the route limits it" };
  }
  if (contentLength(headers) <= BigInt(limit.bytes)) return undefined;
  return { status: 413, because: "the announced body is too large" };
}

function isChunked(headers: HeaderList): boolean {
  return headers.some(([name]) => name.toLowerCase() === "transfer-encoding");
}

function contentLength(headers: HeaderList): bigint {
  const value = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1].trim() ?? "0";
  return /^\d+$/.test(value) ? BigInt(value) : 0n;
}

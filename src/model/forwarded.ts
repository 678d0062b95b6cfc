// The client address of X-Forwarded-For, where a load balancer wrote the last entry.
import { isIP } from "node:net";
import type { ListenerPlan } from "../plan/plan.ts";
import type { HeaderList } from "./headers.ts";

/**
 * The last entry of the last line: an address, an IPv4 address and a port, or an address within brackets with an optional
 * port (AWS, "HTTP headers and Application Load Balancers", X-Forwarded-For and client ports). undefined: there is none, or it is
 * invalid.
 */
export function forwardedClient(headers: HeaderList): string | undefined {
  const line = headers.findLast(([name]) => name.toLowerCase() === "x-forwarded-for")?.[1] ?? "";
  const last = line.slice(line.lastIndexOf(",") + 1).trim();
  const [, within] = /^\[([^[\]]*)\]/.exec(last) ?? [];
  const [, beforePort] = /^([\d.]+):\d{1,5}$/.exec(last) ?? [];
  const address = within ?? beforePort ?? last;
  return isIP(address) === 0 || address.includes("%") ? undefined : address;
}

/** The headers of a client's request as HAProxy gets them: with X-Forwarded-For where the load balancer adds it. */
export function passedOn(
  { client: source }: Pick<ListenerPlan, "client">,
  headers: HeaderList,
  client: string,
): HeaderList {
  return source.value === "x-forwarded-for" ? [...headers, ["X-Forwarded-For", client]] : headers;
}

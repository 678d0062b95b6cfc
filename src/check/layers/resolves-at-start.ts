// Servers whose names must resolve before HAProxy starts.
import type { HaproxyServer } from "../../wiring/haproxy/wiring.ts";

/**
 * Whether HAProxy starts only if the name resolves. With `resolvers` HAProxy starts without an address; `none` and a literal address end the list of what
 * is tried (manual 3.2, section 5.2, `init-addr`).
 */
export function resolvesAtStart({ address, resolvers, initAddr }: HaproxyServer): boolean {
  if (address.kind !== "name" || address.host === "localhost" || resolvers !== undefined) return false;
  return !(initAddr?.value ?? "last,libc")
    .split(",")
    .some((one) => one === "none" || /^[\d.:[\]a-f]+$/.test(one));
}

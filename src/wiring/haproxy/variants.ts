// Backend sections that are a variant of another: the same servers, with a different number of retries.
import type { HaproxyProxy, HaproxyWiring } from "./wiring.ts";

/** As Portico names them; earlier versions wrote a colon. */
const VARIANT = /^(.+)[:-]retries-\d+(?:-\d+)?$/;

/** The backend whose servers a section has: `app` for `app-retries-5` if both have the same servers, or else its own name. */
export function poolOf({ proxies }: Pick<HaproxyWiring, "proxies">, section: string): string {
  const [, base] = VARIANT.exec(section) ?? [];
  if (base === undefined) return section;
  const [own, other] = [section, base].map((name) => proxies.find((proxy) => proxy.name === name));
  return own !== undefined && other !== undefined && calledBy(own) === calledBy(other) ? base : section;
}

function calledBy({ servers }: HaproxyProxy): string {
  return servers.map(({ name, address }) => `${name} ${address.text}`).join("\n");
}

// A proxy and the `defaults` sections that it takes settings from.
import type { HaproxyProxy } from "./wiring.ts";

/** A proxy, then the `defaults` it takes its settings from, the nearest first. */
export function lineageOf(proxy: HaproxyProxy): readonly HaproxyProxy[] {
  return proxy.parent === undefined ? [proxy] : [proxy, ...lineageOf(proxy.parent)];
}

// Networks of clients, compared: two of them are nested or have nothing in common.
import { covers } from "../model/networks.ts";

/** The part that both have in common: the smaller one, or undefined. */
export function shared(a: string, b: string): string | undefined {
  if (covers(a, b)) return b;
  return covers(b, a) ? a : undefined;
}

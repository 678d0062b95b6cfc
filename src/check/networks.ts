// Networks of clients, compared: two of them are nested or have nothing in common.
import { covers } from "../model/networks.ts";

/** The part that both have in common: the smaller one, or null. */
export function shared(a: string, b: string): string | null {
  if (covers(a, b)) return b;
  return covers(b, a) ? a : null;
}

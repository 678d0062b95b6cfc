// Networks of clients, compared: two of them are nested or have nothing in common.
import { covers } from "../model/networks.ts";

/** The part that both have in common: the smaller one, or null. */
export function shared(a: string, b: string): string | null {
  if (covers(a, b)) return b;
  return covers(b, a) ? a : null;
}

/** Whether a list of networks keeps anyone out that IPv4 knows. */
export function restricts(networks: readonly string[]): boolean {
  return networks.length > 0 && !networks.includes("0.0.0.0/0");
}

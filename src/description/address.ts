// Addresses as a description may write them: the same on every machine.
import { isIP } from "node:net";

/**
 * 4 or 6, or 0 for what is no address. One with a zone (`fe80::1%eth0`, RFC 4007 section 11) is none: zones are numbered
 * by each machine for itself, and HAProxy reads none.
 */
export function ipFamily(text: string): 0 | 4 | 6 {
  const family = text.includes("%") ? 0 : isIP(text);
  return family === 4 || family === 6 ? family : 0;
}

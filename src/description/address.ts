// Addresses in a description: the same on every machine.
import { isIP } from "node:net";

/**
 * 4 or 6, or 0 for other text. An address with a zone (`fe80::1%eth0`, RFC 4007 section 11) is refused: zones are
 * local to a machine, and HAProxy does not support them.
 */
export function ipFamily(text: string): 0 | 4 | 6 {
  const family = text.includes("%") ? 0 : isIP(text);
  return family === 4 || family === 6 ? family : 0;
}

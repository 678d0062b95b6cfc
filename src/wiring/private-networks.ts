// Networks that are not on the internet: of nodes, pods, Services and load balancers.
import { BlockList, isIP } from "node:net";

/** RFC 1918, RFC 6598, link-local (NodeLocal DNSCache), RFC 2544, loopback, RFC 4193. */
const PRIVATE = new BlockList();
for (const [address, bits] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  ["198.18.0.0", 15],
  ["127.0.0.0", 8],
] as const)
  PRIVATE.addSubnet(address, bits, "ipv4");
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addSubnet("fe80::", 10, "ipv6");
PRIVATE.addAddress("::1", "ipv6");

/** Whether every address of a network, such as `10.0.0.0/16`, is private; false for text that is not a network. */
export function isPrivateNetwork(network: string): boolean {
  const [address = "", bits] = network.split("/");
  const family = isIP(address);
  if (family === 0 || (bits !== undefined && Number(bits) < (family === 6 ? 7 : 8))) return false;
  return PRIVATE.check(address, family === 6 ? "ipv6" : "ipv4");
}

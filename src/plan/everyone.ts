// The networks that contain every address.

/** In IPv4 and in IPv6. */
export const EVERYONE = ["0.0.0.0/0", "::/0"] as const;

/** Whether a network (CIDR) contains every address of its family. */
export function isEveryone(network: string): boolean {
  return network.endsWith("/0");
}

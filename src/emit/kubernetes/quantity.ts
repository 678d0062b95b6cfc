// Bytes as Kubernetes writes quantities of memory.

const MIB = 1024 * 1024;

/** `16Mi`; what is no whole number of them stays in bytes. */
export function quantity(bytes: number): string {
  return bytes % MIB === 0 ? `${bytes / MIB}Mi` : String(bytes);
}

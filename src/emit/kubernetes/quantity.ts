// Bytes as Kubernetes writes quantities of memory.

const MIB = 1024 * 1024;

/** `16Mi`; otherwise bytes. */
export function quantity(bytes: number): string {
  return bytes % MIB === 0 ? `${bytes / MIB}Mi` : String(bytes);
}

// Types of debian-mirror.mjs, which is JavaScript because it runs before anything is installed.
export interface DebianMirrors {
  readonly archive: string | undefined;
  readonly security: string | undefined;
}

export function debianMirrors(env?: Readonly<Record<string, string | undefined>>): DebianMirrors;
export function mirrorsIn(printedUris: string): DebianMirrors;

// What every emitter returns: files with their paths below the output folder.

export interface EmittedFile {
  /** Relative, with slashes: `haproxy/haproxy.cfg`. */
  readonly path: string;
  readonly content: string;
  /** It has a password or a key in it: only its owner may read it. */
  readonly secret?: boolean;
}

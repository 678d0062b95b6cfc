// What the worker that runs a portico.config.ts sends to the main thread: plain data, which can be copied between threads.
import type { NotData } from "./plain-data.ts";

export type ConfigReport =
  | { readonly kind: "edge"; readonly edge: unknown }
  | { readonly kind: "export"; readonly got: string; readonly names: readonly string[] }
  | { readonly kind: "not-data"; readonly notData: NotData }
  | { readonly kind: "unsettled" }
  | { readonly kind: "thrown"; readonly during: "import" | "call"; readonly error: ThrownError };

/** An error without its object: what was thrown may be anything. */
export interface ThrownError {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly stack: string;
}

/** What the worker is started with. */
export interface ConfigTask {
  /** file: URLs. */
  readonly configUrl: string;
  readonly libraryUrl: string;
}

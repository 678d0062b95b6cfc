// Files of a test, read as layers.
import { readWiring } from "../../../src/wiring/read-wiring.ts";
import type { SourceFile } from "../../../src/wiring/source-file.ts";
import type { Wiring } from "../../../src/wiring/wiring.ts";

export function wiringOf(files: readonly SourceFile[]): Promise<Wiring> {
  return readWiring(files);
}

// Short names for long definitions: an unknown's id is compared often, and contains the ids of the unknowns before it.
import { createHash } from "node:crypto";

/** Equal for equal texts alone. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

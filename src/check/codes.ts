// Every code that a check may report, for those who allow one.
import { DESCRIPTION_CODES } from "../description/codes.ts";
import type { Finding } from "../findings/finding.ts";
import { RULES } from "./check-plan.ts";
import { HAPROXY_CODES } from "./check-with-haproxy.ts";
import { KEPT_CODE } from "./kept/check-kept.ts";
import { LAYER_RULES, READING_CODES } from "./layers/check-layers.ts";
import { SUPPRESSION_CODES } from "./suppressions.ts";

/** The rules' codes, and those of what was found just now: planning has some of its own. */
export function knownCodes(found: readonly Finding[]): ReadonlySet<string> {
  const codes = [...RULES, ...LAYER_RULES, ...found].map(({ code }) => code);
  return new Set(
    [...codes, ...DESCRIPTION_CODES, ...HAPROXY_CODES, ...READING_CODES, KEPT_CODE].filter(
      (code) => !(SUPPRESSION_CODES as readonly string[]).includes(code),
    ),
  );
}

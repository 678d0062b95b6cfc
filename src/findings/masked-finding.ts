// A finding as every output shows it: without passwords and keys of its files.
import type { Finding } from "./finding.ts";
import { masked, maskedConfigLine, maskedRanges } from "./masked-text.ts";

/** A fix whose text has a secret in it is left out: masked, it would write asterisks. */
export function maskedFinding({ fix, ...finding }: Finding): Finding {
  const shown = fix?.edits.every(({ text }) => maskedConfigLine(text) === text) === true ? { fix } : {};
  return {
    ...finding,
    what: maskedConfigLine(finding.what),
    why: maskedConfigLine(finding.why),
    remedy: maskedConfigLine(finding.remedy),
    at: finding.at.map(({ note, ...place }) =>
      note === undefined ? place : { ...place, note: masked(note, maskedRanges(note)) },
    ),
    ...shown,
  };
}

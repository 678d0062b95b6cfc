// JUnit XML in the schema that Jenkins, GitLab and GitHub read.
import { maskedDifference } from "../../findings/credentials.ts";
import type { Position } from "../../findings/finding.ts";
import type { Difference } from "../../lab/expectation.ts";
import { place } from "./expectation-text.ts";

/** One suite with these cases, as `testCase` returns them. */
export function junit(name: string, cases: readonly string[], tookMs: number): string {
  // Texts of a case contain no `<`.
  const count = (tag: string) => cases.filter((text) => text.includes(`<${tag} `)).length;
  const skipped = count("skipped") === 0 ? "" : ` skipped="${count("skipped")}"`;
  const totals = `tests="${cases.length}" failures="${count("failure")}" errors="${count("error")}"${skipped} ${time(tookMs)}`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${totals}>\n  <testsuite name="${escaped(name)}" ${totals}>\n${cases.join("\n")}\n  </testsuite>\n</testsuites>`;
}

/** `inside`: an element with the result; empty: it passed. */
export function testCase(suite: string, name: string, tookMs: number, inside: string): string {
  const opening = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" ${time(tookMs)}`;
  return inside === "" ? `${opening}/>` : `${opening}>\n      ${inside}\n    </testcase>`;
}

export function failure(message: string, text: string): string {
  return `<failure message="${escaped(message)}">${escaped(text)}</failure>`;
}

/** The differences of an expectation; empty: none. */
export function failureOf(differences: readonly Difference[], at: Position | undefined): string {
  const texts = differences
    .map(maskedDifference)
    .map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`);
  const text = texts.join("\n");
  return text === "" ? "" : failure(text.split("\n")[0] ?? "", `${text}\n${place(at)}`);
}

function time(ms: number): string {
  return `time="${(ms / 1000).toFixed(3)}"`;
}

export function escaped(text: string): string {
  // XML 1.0 section 2.2: most control characters are not allowed.
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(
      /[&<>"'\n]/g,
      (character) =>
        ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\n": "&#10;" })[
          character
        ] ?? character,
    );
}

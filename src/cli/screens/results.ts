// Results for programs: JSON, and JUnit XML as CI systems read it.
import type { Finding } from "../../findings/finding.ts";
import type { Played } from "../../lab/expectation.ts";
import type { HealthReport } from "../../lab/pod-probes.ts";
import { place, requestText } from "./expectation-text.ts";

export function resultsJson(
  edge: string,
  played: readonly Played[],
  haproxy: string,
  tookMs: number,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const failed = played.filter(({ differences }) => differences.length > 0).length;
  const results = played.map(({ expectation, answer, differences, tookMs: ms }) => ({
    request: expectation.request,
    at: expectation.at,
    passed: differences.length === 0,
    differences,
    answer: {
      status: answer.status,
      location: answer.location,
      backend: answer.backend,
      refused: answer.refused,
    },
    ms: Math.round(ms * 10) / 10,
  }));
  return JSON.stringify(
    {
      edge,
      haproxy: { version: haproxy },
      passed: played.length - failed,
      failed,
      ms: Math.round(tookMs),
      ...more,
      results,
    },
    null,
    2,
  );
}

/** One test case an expectation, and one a health check. Format: the JUnit schema that Jenkins, GitLab and GitHub's reporters read. */
export function junitText(
  edge: string,
  played: readonly Played[],
  tookMs: number,
  health: readonly HealthReport[] = [],
): string {
  const failed =
    played.filter(({ differences }) => differences.length > 0).length +
    health.filter(({ healthy }) => !healthy).length;
  const cases = played.map((one) => {
    const head = `    <testcase classname="${escaped(edge)}" name="${escaped(requestText(one))}" time="${(one.tookMs / 1000).toFixed(3)}"`;
    if (one.differences.length === 0) return `${head}/>`;
    const text = one.differences
      .map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`)
      .join("\n");
    return `${head}>\n      <failure message="${escaped(text.split("\n")[0] ?? "")}">${escaped(`${text}\n${place(one.expectation.at)}`)}</failure>\n    </testcase>`;
  });
  cases.push(...health.map((report) => healthCase(edge, report)));
  const totals = `tests="${cases.length}" failures="${failed}" errors="0" time="${(tookMs / 1000).toFixed(3)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${totals}>\n  <testsuite name="${escaped(edge)}" ${totals}>\n${cases.join("\n")}\n  </testsuite>\n</testsuites>`;
}

function healthCase(edge: string, { of, check, healthy, why, at }: HealthReport): string {
  const head = `    <testcase classname="${escaped(edge)}" name="${escaped(`${of} ${check}`)}" time="0.000"`;
  if (healthy) return `${head}/>`;
  return `${head}>\n      <failure message="${escaped(why ?? "fails")}">${escaped(place(at))}</failure>\n    </testcase>`;
}

/** One test case a finding, an error where the finding is one: what a command that found no result has for JUnit's readers. */
export function findingsJunit(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const cases = findings.map(({ code, severity, what, why, remedy, at }) => {
    const text = escaped([what, why, remedy, ...at.map(place)].join("\n"));
    const said =
      severity === "error"
        ? `<error message="${escaped(what)}" type="${code}">${text}</error>`
        : `<system-out>${text}</system-out>`;
    return `    <testcase classname="portico" name="${escaped(`${code}: ${what}`)}" time="0.000">\n      ${said}\n    </testcase>`;
  });
  const totals = `tests="${cases.length}" failures="0" errors="${errors}" time="0.000"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${totals}>\n  <testsuite name="portico" ${totals}>\n${cases.join("\n")}\n  </testsuite>\n</testsuites>`;
}

export function escaped(text: string): string {
  // XML 1.0 section 2.2: most control characters may not stand in a document at all.
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

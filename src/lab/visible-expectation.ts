// The part of an expectation that is visible at a running edge. The rest is reported, and never counted as passed.
import type { ExpectationPlan } from "../plan/expectation-plan.ts";

export interface VisibleExpectation {
  /** The expectation without what is not visible. */
  readonly visible: ExpectationPlan;
  /** `backend`, `path seen` …: expected, but not visible. */
  readonly unseen: readonly string[];
  /** Whether anything is left to compare. */
  readonly anything: boolean;
}

export interface Visibility {
  readonly backend: boolean;
  /** Whether the certificate served is the edge's own. */
  readonly certificate: boolean;
}

/** What a backend received is not visible on a running edge. */
export function visibleExpectation(expectation: ExpectationPlan, eyes: Visibility): VisibleExpectation {
  const { expected } = expectation;
  const { seen } = expected;
  const unseen = [
    ...(expected.backends.length > 0 && !eyes.backend ? ["backend"] : []),
    ...(expected.certificate.length > 0 && !eyes.certificate ? ["certificate"] : []),
    ...(["path", "host", "method", "serverName"] as const).flatMap((name) =>
      seen[name] === null ? [] : [`${name === "serverName" ? "server name" : name} at the backend`],
    ),
    ...seen.headers.map(([name]) => `header ${name} at the backend`),
  ];
  const visible: ExpectationPlan = {
    ...expectation,
    expected: {
      ...expected,
      backends: eyes.backend ? expected.backends : [],
      certificate: eyes.certificate ? expected.certificate : [],
      seen: { path: null, host: null, method: null, serverName: null, headers: [] },
    },
  };
  return { visible, unseen, anything: comparesAnything(visible) };
}

function comparesAnything({ expected }: ExpectationPlan): boolean {
  return (
    expected.refused ||
    expected.status !== null ||
    expected.location !== null ||
    expected.backends.length > 0 ||
    expected.responseHeaders.length > 0 ||
    expected.responseBody !== null ||
    expected.certificate.length > 0
  );
}

// Runs expectations: sends each request, compares the answer, and names the hop of every difference.
import { asciiUrl } from "../description/host.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import { inParallel } from "./in-parallel.ts";
import type { LayersLab } from "./layers-lab.ts";
import { type LabAnswer, splitUrl } from "./send.ts";

export interface Difference {
  /** `backend`, `status`, `location`, `seen path`, `header x-a` … */
  readonly what: string;
  readonly hop: "connection" | "haproxy" | "backend" | "answer";
  readonly expected: string;
  readonly got: string;
}

export interface ExpectationResult {
  readonly expectation: ExpectationPlan;
  readonly answer: LabAnswer;
  readonly differences: readonly Difference[];
  readonly tookMs: number;
}

/** Runs all, several at the same time; `onResult` gets each result in the description's order. */
export async function runExpectations(
  lab: Pick<LayersLab, "request">,
  expectations: readonly ExpectationPlan[],
  onResult: (result: ExpectationResult) => void = () => {},
): Promise<readonly ExpectationResult[]> {
  const results: ExpectationResult[] = [];
  let reported = 0;
  await inParallel(expectations, async (expectation, index) => {
    results[index] = await run(lab, expectation);
    for (let done = results[reported]; done !== undefined; done = results[++reported]) onResult(done);
  });
  return results;
}

async function run(
  lab: Pick<LayersLab, "request">,
  expectation: ExpectationPlan,
): Promise<ExpectationResult> {
  const { url, from, ...request } = expectation.request;
  const began = performance.now();
  const answer = await lab.request(url, { ...request, ...(from !== null && { from }) });
  const differences = compare(expectation, answer);
  return { expectation, answer, differences, tookMs: performance.now() - began };
}

export function compare({ request, expected }: ExpectationPlan, answer: LabAnswer): readonly Difference[] {
  if (expected.refused)
    return answer.refused !== null
      ? []
      : [{ what: "connection", hop: "connection", expected: "refused", got: `an answer, ${answer.status}` }];
  if (answer.refused !== null)
    return [{ what: "connection", hop: "connection", expected: "an answer", got: answer.refused }];
  const found: Difference[] = [];
  const differ = (hop: Difference["hop"], what: string, want: string | null, got: string | null) => {
    if (want !== got) found.push({ hop, what, expected: want ?? "none", got: got ?? "none" });
  };
  const status = expectedStatus({ request, expected });
  if (status !== null && status !== answer.status)
    differ(
      answer.backend === null ? "haproxy" : "backend",
      "status",
      String(status),
      `${answer.status}${withoutUpgrade(request, answer)}`,
    );
  if (expected.location !== null)
    differ(
      "haproxy",
      "location",
      wholeLocation(expected.location, request.url),
      answer.location === null
        ? null
        : wholeLocation(Buffer.from(answer.location, "latin1").toString(), request.url),
    );
  if (expected.backends.length > 0 && !expected.backends.includes(answer.backend ?? ""))
    differ("haproxy", "backend", expected.backends.join(" or "), answer.backend);
  compareSeen(expected.seen, answer, differ);
  for (const [name, value] of expected.responseHeaders)
    differ("answer", `header ${name}`, value, joined(answer.headers, name));
  if (expected.certificate.length > 0)
    differ(
      "connection",
      "certificate",
      expected.certificate.join(" "),
      answer.certificate?.join(" ") ?? null,
    );
  if (expected.responseBody !== null) differ("answer", "body", expected.responseBody, answer.body);
  return found;
}

/** A WebSocket must open, unless another response is expected. */
function expectedStatus({ request, expected }: Pick<ExpectationPlan, "request" | "expected">): number | null {
  const { status, location, responseBody } = expected;
  return request.webSocket && location === null && responseBody === null ? (status ?? 101) : status;
}

/** Why the backend got no WebSocket handshake. */
function withoutUpgrade({ webSocket }: ExpectationPlan["request"], { seen, status }: LabAnswer): string {
  if (!webSocket || status === 101 || seen === null || joined(seen.headers, "upgrade") !== null) return "";
  return ": HAProxy removed Upgrade, so the backend got a plain request; set `websocket: true` on the route of the description to keep it";
}

function compareSeen(
  { path, host, method, serverName, headers }: ExpectationPlan["expected"]["seen"],
  { seen }: LabAnswer,
  differ: (hop: Difference["hop"], what: string, want: string | null, got: string | null) => void,
): void {
  if (path !== null) differ("backend", "path seen", path, seen?.target ?? null);
  if (host !== null) differ("backend", "host seen", host, joined(seen?.headers, "host"));
  if (serverName !== null) differ("backend", "server name seen", serverName, seen?.tls?.sni ?? null);
  if (method !== null) differ("backend", "method seen", method, seen?.method ?? null);
  for (const [name, value] of headers)
    differ("backend", `header ${name} seen`, value, joined(seen?.headers, name));
}

/** Every line of a header, joined as RFC 9110 section 5.3 does; null when there is none. */
function joined(headers: LabAnswer["headers"] | undefined, name: string): string | null {
  const values = (headers ?? [])
    .filter(([other]) => other.toLowerCase() === name.toLowerCase())
    .map(([, value]) => Buffer.from(value, "latin1").toString());
  return values.length === 0 ? null : values.join(", ");
}

/**
 * A location with scheme and authority, and its path exactly as written: `/a/../b` is not `/b`. Only equivalent spellings
 * are normalised: international hosts, characters beyond ASCII, relative locations, case and default port of the
 * authority, an empty path (RFC 3986 section 6.2).
 */
function wholeLocation(written: string, url: string): string {
  const location = asciiUrl(written);
  const urlParts = splitUrl(url);
  const origin = `${urlParts.scheme}://${urlParts.authority}`;
  const base = location.startsWith("//") ? `${urlParts.scheme}:` : origin;
  const absolute = location.startsWith("/") ? `${base}${location}` : location;
  const [, scheme = "", authority = "", rest = ""] = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(absolute) ?? [];
  if (scheme === "") return URL.canParse(location, origin) ? new URL(location, url).href : location;
  const named = scheme.toLowerCase();
  const port = named === "https" ? /:443$/ : /:80$/;
  return `${named}://${authority.toLowerCase().replace(port, "")}${rest.startsWith("/") ? rest : `/${rest}`}`;
}

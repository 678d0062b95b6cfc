// The intended differences between the example and the original, with reasons. Its README has the same table.
import { type OriginalRequest, originalRequests } from "./requests.ts";
import type { Outcomes } from "./run.ts";

export interface IntendedDifference {
  readonly what: string;
  readonly because: string;
  /** The outcome of a request instead of `original`; undefined if the difference does not apply to it. */
  readonly becomes: (request: OriginalRequest, original: string) => string | undefined;
}

export const intendedDifferences: readonly IntendedDifference[] = [
  {
    what: "On the plain port, an unknown host is redirected to `https://www.example.com/` directly, instead of to itself with https.",
    because: "The original redirects to any Host header; its second redirect, on HTTPS, has the same target.",
    becomes: (request, original) =>
      onPlainPort(request, original) && bareHost(request) !== "app.example.com"
        ? "301 → https://www.example.com/"
        : undefined,
  },
  {
    what: "The redirect from plain HTTP has the host in its normal form: no port, no trailing dot, lower case.",
    because: "A port in it is the plain port, which has no TLS; one spelling is one cache entry.",
    becomes: (request, original) => {
      const host = hostOf(request);
      return onPlainPort(request, original) &&
        bareHost(request) === "app.example.com" &&
        host !== "app.example.com"
        ? original.replace(host, "app.example.com")
        : undefined;
    },
  },
  {
    what: "On the plain port, the backend gets the client address and `http` in `X-Forwarded-*`, and never the values that the client sent.",
    because: "The original forwards the headers of any client, and a service that reads them trusts them.",
    becomes: (request, original) =>
      request.port === 8000 && original.includes(" from app: ")
        ? original.replace(/, for .*, proto [a-z]+/, ", for the client, proto http")
        : undefined,
  },
  {
    what: "On the HTTPS port, `app.example.com:443` and `app.example.com.` are app.example.com.",
    because:
      "They are the same host (RFC 9110, 4.2.3; RFC 1034, 3.1); the original redirects them to another site, and their path is lost.",
    becomes: (request) =>
      request.port === 9000 && bareHost(request) === "app.example.com" && /[:.]\d*$/.test(hostOf(request))
        ? `200 from app: ${request.method} ${request.target} host ${hostOf(request)}, for 203.0.113.7, proto https, body ""`
        : undefined,
  },
  {
    what: "A Host with a comma is refused with 400; it is not read as a list that contains app.example.com.",
    because: "A Host has one value (RFC 9110, 7.2), and host names contain no comma.",
    becomes: (request) => (hostOf(request).includes(",") ? "400" : undefined),
  },
];

/** The outcomes that the example must have, given those of the original. */
export function expectedOutcomes(original: Outcomes): Outcomes {
  return Object.fromEntries(
    originalRequests.map((request) => {
      const outcome = original[request.name] ?? "not recorded";
      const intended = intendedDifferences
        .map(({ becomes }) => becomes(request, outcome))
        .find((other) => other !== undefined);
      return [request.name, intended ?? outcome];
    }),
  );
}

function onPlainPort({ port }: OriginalRequest, original: string): boolean {
  return port === 8000 && original.startsWith("301 ");
}

function hostOf({ headers }: OriginalRequest): string {
  return headers.find(([name]) => name === "Host")?.[1] ?? "";
}

function bareHost(request: OriginalRequest): string {
  return hostOf(request).toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

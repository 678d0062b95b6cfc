// Where the example does otherwise than the original, and why. Its README has the same table.

import { type OriginalRequest, originalRequests } from "./requests.ts";
import type { Outcomes } from "./run.ts";

export interface IntendedDifference {
  readonly what: string;
  readonly because: string;
  /** What comes of a request instead of `original`; undefined where this is not about it. */
  readonly becomes: (request: OriginalRequest, original: string) => string | undefined;
}

export const intendedDifferences: readonly IntendedDifference[] = [
  {
    what: "On the plain port, a host that is not served gets `https://www.example.com/` at once, instead of itself with https.",
    because:
      "The original sends a client wherever its own Host header says; the second redirect, on HTTPS, led to the same place.",
    becomes: (request, original) =>
      onPlainPort(request, original) && bareHost(request) !== "app.example.com"
        ? "301 → https://www.example.com/"
        : undefined,
  },
  {
    what: "The redirect from plain HTTP has the host in its normal form: no port, no dot at the end, lower case.",
    because: "A port in it is the plain one, where nobody speaks TLS; one spelling is one entry in caches.",
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
    what: "On the plain port, the backend is told the caller's address and `http` in `X-Forwarded-*`, and never what the caller wrote there.",
    because: "The original passes on what anyone writes, and a service that reads these headers believes it.",
    becomes: (request, original) =>
      request.port === 8000 && original.includes(" from app: ")
        ? original.replace(/, for .*, proto [a-z]+/, ", for the caller, proto http")
        : undefined,
  },
  {
    what: "On the HTTPS port, `app.example.com:443` and `app.example.com.` are app.example.com.",
    because:
      "They are the same host (RFC 9110, 4.2.3; RFC 1034, 3.1); the original sends them away, and their path is lost.",
    becomes: (request) =>
      request.port === 9000 && bareHost(request) === "app.example.com" && /[:.]\d*$/.test(hostOf(request))
        ? `200 from app: ${request.method} ${request.target} host ${hostOf(request)}, for 203.0.113.7, proto https, body ""`
        : undefined,
  },
  {
    what: "A Host with a comma is refused with 400; it is not a list in which app.example.com may be found.",
    because: "A Host has one value (RFC 9110, 7.2), and a comma is part of no host name.",
    becomes: (request) => (hostOf(request).includes(",") ? "400" : undefined),
  },
];

/** What the example's outcomes have to be, given those of the original. */
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

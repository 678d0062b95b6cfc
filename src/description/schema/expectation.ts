// An expectation: one request and its expected outcome.
import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { THROUGH } from "../through.ts";
import { address, backendName, headerName, keys, line, optional, UNWRITABLE, wholeText } from "./fields.ts";

const URL = `[Hh][Tt][Tt][Pp][Ss]?://[^${UNWRITABLE}\\s/?#]+([/?][^${UNWRITABLE}\\s#]*)?`;

/** The keys that say what is expected; at least one is required, and `refused` excludes the others. */
export const OUTCOMES = [
  "status",
  "location",
  "backend",
  "seen",
  "responseHeaders",
  "responseBody",
  "certificate",
  "refused",
] as const;

const expectedHeaders = z.record(headerName, z.union([line, z.null()]));

const seen = z.strictObject({
  path: optional(line, "The path and query that the backend receives."),
  host: optional(line, "The Host header that the backend receives."),
  method: optional(line, "The method that the backend receives."),
  serverName: optional(
    line,
    "The server name (SNI) that HAProxy sends to the backend, if it connects by TLS.",
  ),
  headers: optional(
    expectedHeaders,
    "Headers that the backend receives; null means that the header must be absent.",
  ),
});

/** How the keys depend on each other, for editors. */
const RELATIONS = {
  oneOf: [keys(["get"]), keys(["request"])],
  anyOf: OUTCOMES.map((key) => keys([key])),
  allOf: [
    {
      if: keys(["refused"]),
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      then: { not: { anyOf: OUTCOMES.filter((key) => key !== "refused").map((key) => keys([key])) } },
    },
    {
      if: { required: ["through"], properties: { through: { const: "internal" } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      then: { not: keys(["from"]) },
    },
  ],
};

const ABOUT_THROUGH =
  "The entrance. `untrusted` connects to HAProxy's public port from an address that is not in `sources`. `pod` connects from an address in `sources`, without the load balancer, and sends the header with the client address itself.";

export const expectation = expectationOf(
  backendName,
  optional(z.enum(THROUGH), ABOUT_THROUGH, DEFAULTS.expectation.through),
);

/** For hand-written layers: a backend has the name that it has in haproxy.cfg, and a request may enter at a frontend. */
export const expectationOfLayers = expectationOf(
  line,
  optional(line, ABOUT_THROUGH, DEFAULTS.expectation.through),
);

function expectationOf<T extends z.ZodType>(backend: typeof backendName, through: T) {
  return z
    .strictObject({
      get: optional(line.meta({ shape: `^${URL}$` }), "The URL of a GET request."),
      request: optional(
        line.meta({ shape: `^[A-Z][A-Z0-9_-]* ${URL}$` }),
        "Method and URL, as in `POST https://app.example.com/x`; instead of `get`.",
      ),
      headers: optional(
        z.record(headerName, z.union([line, z.array(line)])),
        "The request headers; a list sends the header several times.",
      ),
      body: optional(wholeText, "The body of the request."),
      websocket: optional(
        z.literal(true),
        "Opens a WebSocket: the headers of the handshake are added, and after status 101 a message is sent and must be echoed. The expected status is 101, unless `status`, `location` or `responseBody` is given.",
      ),
      through,
      from: optional(address, "The client address; not for `through: internal`.", DEFAULTS.expectation.from),
      status: optional(
        z.int().min(100, "a status is 100 to 599").max(599, "a status is 100 to 599"),
        "The expected status.",
      ),
      location: optional(line, "The expected Location header; a relative one is resolved first."),
      backend: optional(
        z.union([backend, z.array(backend).min(1)]),
        "The backend that must receive the request, or a list of backends of which one must.",
      ),
      seen: optional(seen, "The request that the backend receives."),
      responseHeaders: optional(
        expectedHeaders,
        "Headers of the response; null means that the header must be absent.",
      ),
      responseBody: optional(wholeText, "The body of the response, if HAProxy itself sends the response."),
      certificate: optional(
        z.union([line, z.array(line).min(1, "a certificate has at least one name")]),
        "All names of the certificate that the client receives, in any order.",
      ),
      refused: optional(z.literal(true), "The connection is refused, or closed without a response."),
    })
    .meta(RELATIONS)
    .describe("One request and its expected outcome.");
}

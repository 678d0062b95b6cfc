// An expectation: one request and its expected outcome.
import { z } from "zod";
import { address, backendName, headerName, keys, line, UNWRITABLE, wholeText } from "./fields.ts";

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
  path: line.optional().describe("The path and query that the backend receives."),
  host: line.optional().describe("The Host header that the backend receives."),
  method: line.optional().describe("The method that the backend receives."),
  serverName: line
    .optional()
    .describe("The server name (SNI) that HAProxy sends to the backend, if it connects by TLS."),
  headers: expectedHeaders
    .optional()
    .describe("Headers that the backend receives; null means that the header must be absent."),
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

export const expectation = expectationOf(backendName);

/** For hand-written layers: a backend has the name that it has in haproxy.cfg. */
export const expectationOfLayers = expectationOf(line);

function expectationOf(backend: typeof backendName) {
  return z
    .strictObject({
      get: line
        .meta({ shape: `^${URL}$` })
        .optional()
        .describe("The URL of a GET request."),
      request: line
        .meta({ shape: `^[A-Z][A-Z0-9_-]* ${URL}$` })
        .optional()
        .describe("Method and URL, as in `POST https://app.example.com/x`; instead of `get`."),
      headers: z
        .record(headerName, z.union([line, z.array(line)]))
        .optional()
        .describe("The request headers; a list sends the header several times."),
      body: wholeText.optional().describe("The body of the request."),
      websocket: z
        .literal(true)
        .optional()
        .describe(
          "Opens a WebSocket: the headers of the handshake are added, and after status 101 a message is sent and must be echoed. The expected status is 101, unless `status`, `location` or `responseBody` is given.",
        ),
      through: z
        .enum(["public", "internal", "untrusted", "pod"])
        .optional()
        .describe(
          "The entrance. `untrusted` connects to HAProxy's public port from an address that is not in `sources`. `pod` connects from an address in `sources`, without the load balancer, and sends the header with the client address itself. Default public.",
        ),
      from: address
        .optional()
        .describe("The client address; not for `through: internal`. Default 203.0.113.7."),
      status: z
        .int()
        .min(100, "a status is 100 to 599")
        .max(599, "a status is 100 to 599")
        .optional()
        .describe("The expected status."),
      location: line.optional().describe("The expected Location header; a relative one is resolved first."),
      backend: z
        .union([backend, z.array(backend).min(1)])
        .optional()
        .describe("The backend that must receive the request, or a list of backends of which one must."),
      seen: seen.optional().describe("The request that the backend receives."),
      responseHeaders: expectedHeaders
        .optional()
        .describe("Headers of the response; null means that the header must be absent."),
      responseBody: wholeText
        .optional()
        .describe("The body of the response, if HAProxy itself sends the response."),
      certificate: z
        .union([line, z.array(line).min(1, "a certificate has at least one name")])
        .optional()
        .describe("All names of the certificate that the client receives, in any order."),
      refused: z
        .literal(true)
        .optional()
        .describe("The connection is refused, or closed without a response."),
    })
    .meta(RELATIONS)
    .describe("One request and its expected outcome.");
}

// An expectation: one request, and what must come of it.
import { z } from "zod";
import { address, backendName, headerName, line, wholeText } from "./fields.ts";

export const expectation = expectationOf(backendName);

/** Of layers written by hand: a backend has the name that haproxy.cfg gives it. */
export const expectationOfLayers = expectationOf(line);

function expectationOf(backend: typeof backendName) {
  return z
    .strictObject({
      get: line.optional().describe("The URL of a GET request."),
      request: line.optional().describe("Another method and a URL: `POST https://app.example.com/x`."),
      headers: z
        .record(headerName, z.union([line, z.array(line)]))
        .optional()
        .describe("Headers of the request; a list repeats the header."),
      body: wholeText.optional().describe("The request's body."),
      websocket: z
        .literal(true)
        .optional()
        .describe(
          "Opens a WebSocket: the handshake's headers are added, and after a 101 a message must come back. The status has to be 101, unless `status`, `location` or `responseBody` is given.",
        ),
      through: z
        .enum(["public", "internal", "untrusted", "pod"])
        .optional()
        .describe(
          "The entrance. `untrusted` connects to HAProxy's public port from an address that is not in `sources`; `pod` connects from an address in `sources`, without the load balancer, and sends the header with the client address itself. Default public.",
        ),
      from: address
        .optional()
        .describe("The client's address; not of an internal caller. Default 203.0.113.7."),
      status: z
        .int()
        .min(100, "a status is 100 to 599")
        .max(599, "a status is 100 to 599")
        .optional()
        .describe("The status of the answer."),
      location: line.optional().describe("The Location header; a relative one is resolved first."),
      backend: z
        .union([backend, z.array(backend).min(1)])
        .optional()
        .describe("The backend that answers, or one of several."),
      seen: z
        .strictObject({
          path: line.optional().describe("Path and query at the backend."),
          host: line.optional().describe("The Host header at the backend."),
          method: line.optional().describe("The method at the backend."),
          serverName: line
            .optional()
            .describe("The server name (SNI) that HAProxy gives the backend, where it speaks TLS to it."),
          headers: z
            .record(headerName, z.union([line, z.null()]))
            .optional()
            .describe("Headers at the backend; null: not there."),
        })
        .optional()
        .describe("The request as the backend sees it."),
      responseHeaders: z
        .record(headerName, z.union([line, z.null()]))
        .optional()
        .describe("Headers of the answer; null: not there."),
      responseBody: wholeText.optional().describe("The answer's body, when it comes from HAProxy."),
      certificate: z
        .union([line, z.array(line).min(1, "a certificate has a name")])
        .optional()
        .describe("The names of the certificate that is served, all of them, in any order."),
      refused: z.literal(true).optional().describe("The connection ends without an answer."),
    })
    .describe("One request, and what must come of it.");
}

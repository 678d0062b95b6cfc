// An invariant: what holds for all requests.
import { z } from "zod";
import { isHostQuery, readNetworks } from "../query-text.ts";
import { headerName, headerValue, IPV4, IPV6, keys, line, method, optional, text } from "./fields.ts";
import { pathMatch } from "./routes.ts";

const NETWORK = `(${IPV4}|${IPV6})(/\\d{1,3})?`;

const networks = text((value) =>
  readNetworks(value) === undefined
    ? "write networks, as in 10.0.0.0/8, or not and networks, as in not 198.51.100.0/24"
    : undefined,
).meta({
  shape: `^(not )?${NETWORK}([ ,]+${NETWORK})*$`,
  examples: ["10.0.0.0/8", "not 198.51.100.0/24"],
});

const host = text((value) =>
  isHostQuery(value) ? undefined : "write a host, as in app.example.com or *.example.com",
).meta({
  shape: "^(\\*\\.)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$",
  examples: ["app.example.com", "*.example.com"],
});

const status = z.union([
  z.int().min(100, "a status is 100 to 599").max(599, "a status is 100 to 599"),
  text(() => "write a status, as in 403, or a class, as in 2xx", /^[1-5]xx$/).meta({ examples: ["2xx"] }),
]);

const requests = {
  path: optional(
    pathMatch,
    "The path: a prefix of whole segments, { exact } or { regex }. Default: all paths.",
  ),
  host: optional(host, "The host, or `*.` and a domain for its subdomains."),
  method: optional(z.union([method, z.array(method).min(1)]), "The method, or a list of methods."),
  scheme: optional(z.enum(["http", "https"]), "How clients connect."),
  from: optional(networks, "Client addresses: networks separated by commas, or `not` and networks."),
  header: optional(z.record(headerName, headerValue), "Request headers with exact values."),
  listener: optional(line, "Where requests enter: `http`, `https`, `internal`, or the address of a bind."),
};

const outcomes = {
  backend: optional(line, "The backend that gets the request."),
  status: optional(
    status,
    "The status, or a class as in 2xx. A backend decides the status of its responses: they count as success.",
  ),
  redirect: optional(
    line,
    "The Location of a redirect by HAProxy; `*` is any text without /, `**` any text, as in https://**.",
  ),
  noRoute: optional(z.literal(true), "No route, and no backend, is there for the request."),
};

export const OUTCOMES_OF_ALL: readonly (keyof typeof outcomes)[] = [
  "backend",
  "status",
  "redirect",
  "noRoute",
];

const hasOutcome = { anyOf: OUTCOMES_OF_ALL.map((key) => keys([key])) };

export const invariant = z
  .strictObject({
    never: optional(
      z.strictObject({ ...requests, ...outcomes }).meta(hasOutcome),
      "Requests and an outcome: no such request has it.",
    ),
    always: optional(z.strictObject(requests), "Requests that all have the outcome in `then`."),
    // biome-ignore lint/suspicious/noThenProperty: the word of the description.
    then: optional(z.strictObject(outcomes).meta(hasOutcome), "The outcome of all requests in `always`."),
  })
  .meta({
    oneOf: [
      { allOf: [keys(["never"]), { not: { anyOf: [keys(["always"]), keys(["then"])] } }] },
      keys(["always", "then"]),
    ],
  })
  .describe("What holds for all requests, and is proven by `portico test`.");

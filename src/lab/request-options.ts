// Validates the URL and options of a lab request: throws for what cannot be sent as written.
import { isIP } from "node:net";
import { THROUGH } from "../description/through.ts";
import { headersOf, type LabRequestOptions, splitUrl } from "./send.ts";

const OPTIONS: readonly (keyof LabRequestOptions)[] = [
  "method",
  "headers",
  "body",
  "webSocket",
  "through",
  "frontend",
  "from",
  "retryOnStale",
];

/** RFC 9110, 5.6.2: methods and header names are tokens. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Throws a RangeError for an invalid value, with what is valid, and a TypeError for a value of the wrong type. */
export function checkRequest(url: string, options: LabRequestOptions): void {
  if (typeof url !== "string") throw new TypeError(`a URL must be a string, not ${typeof url}`);
  if (/\s/.test(url)) throw new RangeError(`a URL must not contain white space: ${JSON.stringify(url)}`);
  const { port } = splitUrl(url);
  if (port > 65_535) throw new RangeError(`the port of the URL must be at most 65535: ${url}`);
  for (const name of Object.keys(options)) {
    if (!(OPTIONS as readonly string[]).includes(name))
      throw new RangeError(`there is no option \`${name}\` of a request; there are ${OPTIONS.join(", ")}`);
  }
  const { method, through, frontend, from, headers, body } = options;
  if (method !== undefined && !TOKEN.test(method))
    throw new RangeError(`${JSON.stringify(method)} is not a method; write GET, POST …`);
  if (through !== undefined && !THROUGH.includes(through))
    throw new RangeError(
      `${JSON.stringify(through)} is not an entrance; \`through\` is one of ${THROUGH.join(", ")}`,
    );
  if (frontend !== undefined && typeof frontend !== "string")
    throw new TypeError("a frontend must be a string: its name");
  if (from !== undefined && isIP(from) === 0)
    throw new RangeError(`${JSON.stringify(from)} is not an IP address; write \`from: "203.0.113.7"\``);
  if (body !== undefined && typeof body !== "string" && !Buffer.isBuffer(body))
    throw new TypeError("a body must be a string or a Buffer");
  for (const [name, value] of headersOf(headers)) checkHeader(name, value);
}

function checkHeader(name: string, value: string): void {
  if (!TOKEN.test(name)) throw new RangeError(`${JSON.stringify(name)} is not the name of a header`);
  if (typeof value !== "string" || /[\r\n\0]/.test(value))
    throw new RangeError(`the header ${name} has a value that cannot be sent: ${JSON.stringify(value)}`);
}

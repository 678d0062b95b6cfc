// The text fields that several parts of a description share, with the messages about invalid values.
import { z } from "zod";
import { ipFamily } from "../address.ts";
import { DEFAULTS } from "../defaults.ts";
import { DURATION, SIZE } from "../text.ts";
import { shorten } from "../validation/words.ts";

const NAME = /^[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$/;
const LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
/** Narrower than RFC 9110's token (5.6.2): the characters that every proxy and server passes on. */
const HEADER_NAME = /^[A-Za-z0-9][-A-Za-z0-9_]{0,127}$/;

export function text(message: (value: string) => string | undefined, shape?: RegExp) {
  const base = z.string({ error: (issue) => notText(issue.input) });
  const shaped =
    shape === undefined
      ? base
      : base.regex(shape, { error: (issue) => message(String(issue.input)) ?? "not valid" });
  return shaped.superRefine((value, context) => {
    const wrong = message(value);
    if (wrong !== undefined && shape === undefined) context.addIssue({ code: "custom", message: wrong });
  });
}

function notText(input: unknown): string {
  if (input === undefined) return "is missing";
  if (input === null) return "expected text, got nothing";
  return `expected text, got ${Array.isArray(input) ? "a list" : `a ${typeof input}`}`;
}

function withoutUnit(number: number | string, units: readonly string[]): string {
  return `${number} has no unit. Write a unit: ${units.map((unit) => `${number}${unit}`).join(", ")}, …`;
}

function withUnit(kind: "duration" | "size", shape: RegExp, units: string, examples: readonly string[]) {
  return z
    .string({
      error: ({ input }) => (typeof input === "number" ? withoutUnit(input, examples) : notText(input)),
    })
    .regex(shape, {
      error: ({ input }) =>
        /^\d+(\.\d+)?$/.test(String(input))
          ? withoutUnit(String(input), examples)
          : `${JSON.stringify(shorten(String(input), 40))} is not a ${kind}: write a number and a unit, one of ${units}`,
    });
}

/**
 * A field that may be left out. `byDefault`: its default, where that depends on no other field; `about` is what the field means, and
 * names a default that does.
 */
export function optional<T extends z.ZodType>(
  type: T,
  about: string,
  byDefault?: z.input<T> & (string | number | boolean),
) {
  if (byDefault === undefined) return type.optional().describe(about);
  return type.optional().meta({ description: `${about} Default ${byDefault}.`, default: byDefault });
}

/** `30s`; units us, ms, s, m, h, d. */
export const duration = withUnit("duration", DURATION, "us, ms, s, m, h, d", ["ms", "s"]).meta({
  examples: ["30s", "250ms"],
});
/** `64kB`; units B, kB, MB, GB, KiB, MiB, GiB. */
export const size = withUnit("size", SIZE, "B, kB, MB, GB, KiB, MiB, GiB", ["kB", "MB"]).meta({
  examples: ["64kB", "1MiB"],
});

/** A limit on request bodies; a body in chunks and, in HTTP/2, one without Content-Length has no known length when its request is routed. */
export const bodyLimit = z.union([
  size,
  z.strictObject({
    size: size.describe("The maximum size: requests with a larger Content-Length get 413."),
    unknownLength: optional(
      z.enum(["refuse", "allow"]),
      "What happens to bodies without Content-Length (chunked, or HTTP/2 without the header), which HAProxy cannot measure in advance: `refuse` responds with 411; `allow` forwards them, whatever their size.",
      DEFAULTS.maxBody.unknownLength,
    ),
  }),
]);

/** The name of a route, as it appears in logs. */
export const routeName = text(
  () => "a route's name is up to 100 letters, digits and _.~/*:-, and begins with a letter or digit",
  /^[A-Za-z0-9][-A-Za-z0-9_.~/*:]{0,99}$/,
);
export const backendName = text(
  () =>
    "a backend's name is up to 63 letters, digits, -, _ and ., and begins and ends with a letter or digit",
  NAME,
);
export const dnsLabel = text(
  () => "write up to 63 lower-case letters, digits and -, with a letter or digit at both ends (RFC 1123)",
  new RegExp(`^${LABEL}$`),
);

/** Services are named after the edge (`NAME-edge-public`), and a Service's name is a label of RFC 1035: it begins with a letter. */
export const edgeName = text(
  () =>
    "an edge's name is up to 50 lower-case letters, digits and -, begins with a letter, and ends with a letter or digit",
  /^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/,
);

/** The name of a Kubernetes object (RFC 1123 subdomain). */
export const objectName = text(
  () => "write the name of a Kubernetes object: lower-case letters, digits, - and .",
  new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`),
);

/** A key of a ConfigMap or Secret (Kubernetes, "ConfigMaps"). */
export const dataKey = text(() => "write up to 253 letters, digits, -, _ and .", /^[-._a-zA-Z0-9]{1,253}$/);

/** A value in a Secret that exists already. */
export const secretReference = z.strictObject({
  secret: objectName.describe("A Secret in the namespace of the edge."),
  key: dataKey.describe("The key that holds the value."),
});

/** A Kubernetes Service: `name` or `name.namespace`. */
export const serviceName = text(
  () => "write `service` or `service.namespace`",
  new RegExp(`^${LABEL}(\\.${LABEL})?$`),
).meta({ examples: ["app", "app.namespace"] });

/** Text of any length and of any characters: a body. */
export const wholeText = z.string().refine((value) => value.isWellFormed(), {
  error: "contains half a character (a lone surrogate), which cannot be written to a file",
});

/**
 * Control characters (C0 and C1), line and paragraph separators, byte order marks, noncharacters, and characters that change the
 * direction of text. Parsers of YAML 1.1 and 1.2, of HCL, of Dockerfiles and of haproxy.cfg treat them as line ends or reject them, and
 * editors show another line than the one that is parsed (YAML 1.1, sections 4.1 and 4.2; Unicode TR 36, section 2.3).
 */
export const UNWRITABLE =
  "\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff\\ufffe\\uffff";

/** Text without control characters, so that it fits on one line of any file and in one header. */
export const line = text((value) => {
  const found = new RegExp(`[${UNWRITABLE}]`).exec(value);
  if (found !== null)
    return `contains the control character U+${found[0].charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`;
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(value))
    return "contains half a character (a lone surrogate)";
  return undefined;
}).meta({ shape: `^[^${UNWRITABLE}]*$` });

/** The path of a file in HAProxy's container. PATH_MAX of Linux is 4096 including the final null byte. */
export const filePath = line
  .refine((value) => value.startsWith("/"), { error: "write an absolute path, beginning with /" })
  .refine((value) => Buffer.byteLength(value) <= 4095, { error: "longer than 4095 bytes" })
  .meta({ shape: `^/[^${UNWRITABLE}]*$`, examples: ["/etc/haproxy/certs/example.com.pem"] });

/** A header's value: RFC 9110 section 5.5, no control characters, no white space at either end. */
export const headerValue = line
  .refine((value) => value === value.trim(), {
    error: "a header value has no white space at its ends (RFC 9110, 5.5): HTTP implementations strip it",
  })
  .refine((value) => Buffer.byteLength(value) <= 4096, { error: "longer than 4096 bytes" })
  .meta({ shape: `^(?!\\s)[^${UNWRITABLE}]*(?<!\\s)$` });

export const headerName = text(
  () =>
    "a header name is up to 128 letters, digits, - and _: servers and proxies drop or reject other characters",
  HEADER_NAME,
);

/** RFC 9110 section 9.1: a method is a case-sensitive token. */
export const method = text(
  () => "a method is upper-case letters, digits, - and _, as in GET (RFC 9110, 9.1)",
  /^[A-Z][A-Z0-9_-]{0,31}$/,
).meta({ examples: ["GET", "POST"] });

export const queryName = text(
  () => "write letters, digits and -._~ only: other characters have several encodings in a URL",
  /^[A-Za-z0-9._~-]{1,128}$/,
);

const WITH_ZONE = "an address with a zone, as in fe80::1%eth0, is valid on one machine only";

/** For the JSON Schema: all IPv4 addresses, and a superset of the IPv6 addresses. */
const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
export const IPV4 = `${OCTET}(\\.${OCTET}){3}`;
export const IPV6 = "[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*";
export const PORT = "0*([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d\\d|655[0-2]\\d|6553[0-5])";

/** One address: `203.0.113.7`, `2001:db8::7`. */
export const address = text((value) => {
  if (value.includes("%")) return WITH_ZONE;
  return ipFamily(value) === 0 ? "write one address, as in 203.0.113.7 or 2001:db8::7" : undefined;
}).meta({ shape: `^(${IPV4}|${IPV6})$`, examples: ["203.0.113.7"] });

/** An address or a network: `203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`. */
export const network = text((value) => {
  if (value.includes("%")) return WITH_ZONE;
  const [address = "", bits, more] = value.split("/");
  const family = ipFamily(address);
  if (family === 0 || more !== undefined)
    return "write an address or a network, as in 203.0.113.7 or 10.0.0.0/8";
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)))
    return `a network prefix is 0 to ${family === 4 ? 32 : 128}`;
  return undefined;
}).meta({
  shape: `^(${IPV4}(/0*(3[0-2]|[12]?\\d))?|${IPV6}(/0*(12[0-8]|1[01]\\d|\\d?\\d))?)$`,
  examples: ["10.0.0.0/16", "203.0.113.7"],
});

export const MOST_RETRIES = 10;
export const retries = z
  .int()
  .min(0, "at least 0 retries")
  .max(MOST_RETRIES, `at most ${MOST_RETRIES} retries`);

export const port = z
  .int({ error: "a port is a whole number, 1 to 65535" })
  .min(1, "a port is 1 to 65535")
  .max(65535, "a port is 1 to 65535");
export const nodePort = z
  .int({ error: "a node port is a whole number" })
  .min(30000, "a node port is 30000 to 32767 (Kubernetes, Service: type NodePort)")
  .max(32767, "a node port is 30000 to 32767 (Kubernetes, Service: type NodePort)");

/** Raw HAProxy lines. Which directives are allowed is checked when the plan is made. */
export const rawLines = z.array(line.min(1, "the line is empty").max(2000, "longer than 2000 characters"));

/** A condition of the JSON Schema: these keys are there. The plan has a finding for what a condition excludes. */
export function keys(present: readonly string[]) {
  return { required: present, properties: Object.fromEntries(present.map((key) => [key, true])) };
}

// Credentials in outputs: which headers contain one, and JSON in which each is masked with asterisks.
import { CREDENTIAL_KEYS, CREDENTIAL_WORDS } from "./credential-names.ts";
import { HiddenText, MASK } from "./hidden-text.ts";
import { maskedConfigLine } from "./masked-text.ts";

const NAMES: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "apikey",
  "x-apikey",
]);
const WORDS: ReadonlySet<string> = new Set(CREDENTIAL_WORDS);
const KEYS = new RegExp(`(^|[-_])(${CREDENTIAL_KEYS.join("|")})[-_]key$`);

/** Whether a header's value is a credential: its name is listed, has a word such as `token`, or ends in `api-key` or the like. */
export function isCredentialHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return NAMES.has(lower) || KEYS.test(lower) || lower.split(/[-_]/).some((word) => WORDS.has(word));
}

/** RFC 9110 section 11.4 and the IANA registry: what precedes the credentials. */
const SCHEME =
  /^(apikey|aws4-hmac-sha256|basic|bearer|digest|dpop|gnap|hawk|hmac|hoba|key|mutual|negotiate|ntlm|privatetoken|scram-sha-(?:1|256)|token|vapid)\s+\S/i;
/** RFC 6265 section 4.1.1; the rest of a Set-Cookie is the cookie. */
const ATTRIBUTES = /^(domain|expires|max-age|path|priority|samesite)$/i;

/** `Basic ***`, `srv=***`, `***`; other values unchanged. */
export function maskedHeader(name: string, value: string): string {
  if (!isCredentialHeader(name) || value === "") return value;
  if (/^(set-)?cookie$/i.test(name) && value.includes("="))
    return value.replace(/([^=;,\s]+)=([^;,]*)/g, (whole: string, key: string) =>
      ATTRIBUTES.test(key) ? whole : `${key}=${MASK}`,
    );
  const scheme = SCHEME.exec(value)?.[1];
  return scheme === undefined ? MASK : `${scheme} ${MASK}`;
}

/** One difference from an expectation; the structure is that of `Difference` in the lab. */
interface Compared {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

/** If two header values differ and look the same when masked, the text says that they differ. */
export function maskedDifference<T extends Compared>(difference: T): T {
  const name = headerIn(difference.what);
  if (name === undefined || !isCredentialHeader(name)) return difference;
  const [expected, got] = [maskedValues(name, difference.expected), maskedValues(name, difference.got)];
  return { ...difference, expected, got: expected === got ? DIFFERS : got };
}

const DIFFERS = "differs (masked)";

/** `header authorization seen` → `authorization` */
function headerIn(what: string): string | undefined {
  return /^header (\S+)( seen)?$/.exec(what)?.[1];
}

/** One value, or a list of them in quotes; `none` where there is no header. */
function maskedValues(name: string, text: string): string {
  if (text === "none") return text;
  if (!text.startsWith('"')) return maskedHeader(name, text);
  return text.replace(/"((?:[^"\\]|\\.)*)"/g, (quoted) => {
    const value: unknown = JSON.parse(quoted);
    return JSON.stringify(maskedHeader(name, String(value)));
  });
}

/** What differs of something with a name: `header authorization seen: Basic *** → differs (masked)`. */
export function changeText(name: string, before: string | undefined, after: string | undefined): string {
  const { expected, got } = maskedDifference({
    what: name,
    expected: before ?? "none",
    got: after ?? "none",
  });
  return `${name}: ${expected} → ${got}`;
}

/** Indented JSON in which headers, lines of haproxy.cfg and secrets are masked. */
export function maskedJson(value: unknown): string {
  return JSON.stringify(maskedData(value), null, 2);
}

/** Plain data, masked: pairs `[name, value]`, objects with `name` and `value`, records by header, differences, and raw lines. */
function maskedData(value: unknown): unknown {
  if (typeof value === "string") return maskedConfigLine(value);
  if (typeof value !== "object" || value === null || value instanceof HiddenText) return value;
  if (Array.isArray(value)) {
    const [name, text] = value;
    const pair = value.length === 2 && typeof name === "string" && typeof text === "string";
    return pair && isCredentialHeader(name) ? [name, maskedHeader(name, text)] : value.map(maskedData);
  }
  const record = value as Readonly<Record<string, unknown>>;
  const { name, value: text, what, expected, got } = record;
  if (typeof name === "string" && typeof text === "string")
    return { ...maskedRecord(record), value: maskedHeader(name, text) };
  if (typeof what === "string" && typeof expected === "string" && typeof got === "string")
    return maskedDifference({ ...maskedRecord(record), what, expected, got });
  return maskedRecord(record);
}

function maskedRecord(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => {
      const name = headerIn(key) ?? key;
      // `cookie` is the name of a cookie too.
      const header = isCredentialHeader(name) && (name !== "cookie" || String(value).includes("="));
      return [key, header && typeof value === "string" ? maskedHeader(name, value) : maskedData(value)];
    }),
  );
}

// schema.json compared with the loader and the plan: whether it refuses what they refuse, and accepts what they accept.
import { readFileSync } from "node:fs";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { isMap, isNode, LineCounter, parseDocument } from "yaml";
import type { FindingCode } from "../../src/findings/codes.ts";
import type { Finding, Position } from "../../src/findings/finding.ts";

export const schemaFile = new URL("../../schema.json", import.meta.url);

/** Compiled in strict mode: ajv throws for unknown keywords, unclear types and required keys without a definition. */
export const accepts = new Ajv2020({ strict: true, allErrors: true }).compile(
  JSON.parse(readFileSync(schemaFile, "utf8")),
);

/** Errors that a schema cannot report, by code, with the reason. */
const NOT_IN_THE_SCHEMA: Readonly<Partial<Record<FindingCode, string>>> = {
  "conflicting-annotation": "depends on the provider",
  "response-body-not-allowed": "depends on the status, and the finding names the fix",
  "too-many-certificate-names": "counts the hosts of all sites",
  "conditions-too-long": "is a sum of several fields",
  "draining-out-of-range": "is a range of durations, which are text",
  "duplicate-host": "compares sites",
  "duration-out-of-range": "is a range of durations, which are text",
  "unknown-entrance": "compares an expectation with the entrances",
  "framing-header": "depends on whether the header is set, removed or matched",
  "indistinguishable-routes": "compares routes",
  "invalid-location": "needs a URL parser",
  "invalid-path": "depends on `paths`, and needs a decoder",
  "conflicting-log-targets": "compares two fields",
  "all-weights-zero": "is a sum",
  "port-conflict": "compares ports",
  "proxy-protocol-without-sources": "depends on kind, provider and PROXY protocol",
  "raw-leaves-section": "needs the grammar of haproxy.cfg",
  "rewrite-without-prefix": "compares two fields",
  "weight-sum-too-large": "is a sum",
  "unknown-backend": "compares names",
  "unknown-site": "compares names",
};

/** Invalid values that a schema cannot report, by the text of the finding. */
const NOT_A_PATTERN: readonly RegExp[] = [
  /the expectation has no complete request/, // needs a URL parser
  /contains half a character/, // JSON has no lone surrogates
  /is not an international host name/, // needs the tables of RFC 5891
  /limits\.maxHeader`/, // is a range of sizes, which are text
  /\.regex`: /, // needs a parser of regular expressions; the schema refuses empty ones and those with other than ASCII
];

/** What the loader or the plan refuses and the schema accepts, at the same place; and the reverse for a text without errors. */
export function disagreements(text: string, findings: readonly Finding[]): readonly string[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent", merge: true });
  const errors = findings.filter(({ severity }) => severity === "error");
  if (document.errors.length > 0 || errors.some(({ code }) => /^(yaml|description)-/.test(code))) return [];
  accepts(document.toJS({ maxAliasCount: 100 }));
  const refused = withoutSummaries(accepts.errors ?? []);
  if (errors.length === 0)
    return refused.map(({ instancePath, message }) => `accepted: ${instancePath} ${message}`);
  const ranges = refused.map(({ instancePath }) => rangeOf(instancePath));
  return errors
    .filter(({ code, what }) => !(code in NOT_IN_THE_SCHEMA) && !NOT_A_PATTERN.some((one) => one.test(what)))
    .filter(({ at: [position] }) => position !== undefined && !ranges.some((range) => holds(range, position)))
    .map(({ code, what }) => `refused: ${code}: ${what}`);

  function rangeOf(pointer: string): readonly [number, number] {
    const path = pointer
      .split("/")
      .slice(1)
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    if (!isNode(node) || !node.range) return [0, text.length];
    return [keyStart(path) ?? node.range[0], node.range[2]];
  }

  /** Where the key of a value begins; undefined for an item of a list. */
  function keyStart(path: readonly string[]): number | undefined {
    const map = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const pair = isMap(map) ? map.items.find(({ key }) => String(key) === path.at(-1)) : undefined;
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }

  function holds([from, to]: readonly [number, number], { line, column }: Position): boolean {
    const at = (lines.lineStarts[line - 1] ?? 0) + column - 1;
    return at >= from && at <= to;
  }
}

/** An alternative that fails because of a value below it adds no information. */
function withoutSummaries(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  return errors.filter(
    ({ keyword, instancePath }) =>
      !/^(anyOf|oneOf|if)$/.test(keyword) ||
      !errors.some((other) => other.instancePath.startsWith(`${instancePath}/`)),
  );
}

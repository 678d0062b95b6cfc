// Conditions as people read them: `app.example.com/api/**`, `GET or POST`, `from 198.51.100.0/24`, `x-beta: 1`.
import { isCredentialHeader } from "../findings/credentials.ts";
import { MASK } from "../findings/hidden-text.ts";
import type { Value } from "./classes/classes.ts";
import type { Dimension, Test, TextTest } from "./dimension.ts";
import type { Condition, Predicate } from "./predicate.ts";
import { isInUniverse } from "./text/values.ts";

/** On one line, joined by commas; `all requests` without conditions. */
export function conditionsText(conditions: readonly Condition[]): string {
  const told = conditions.filter((condition) => !isUsual(condition));
  return told.length === 0 ? "all requests" : told.map(conditionText).join(", ");
}

/** Requests have a path, or the asterisk besides, unless another form is named. */
function isUsual({ on, is }: Condition): boolean {
  if (on.id !== "request-form" || is.kind !== "values") return false;
  return is.values.includes("path") && is.values.every((form) => form === "path" || form === "asterisk");
}

const FORMS: Readonly<Record<string, string>> = {
  path: "a path as request-target",
  asterisk: "OPTIONS *",
  connect: "CONNECT",
  "invalid-host": "an invalid Host",
  overlong: "an impossible body length",
};

export function conditionText({ on, is }: Condition): string {
  if (on.kind === "unknown") return is.kind === "not" ? `not if ${on.text}` : `if ${on.text}`;
  const part = OPTIONAL_PARTS[on.id];
  if (part !== undefined && is.kind === "absent") return `without ${part}`;
  if (part !== undefined && is.kind === "test" && is.test.kind === "present") return `with a ${part}`;
  return `${labelOf(on)}${masked(on, predicateText(on, is))}`;
}

/** For a header with credentials, the text may show whether it has a value, but not the value. */
function masked({ id }: Dimension, text: string): string {
  const [, name] = /^header:(.*)$/s.exec(id) ?? [];
  if (name === undefined || !isCredentialHeader(name) || /^(?:not )?(?:present|absent)$/.test(text))
    return text;
  return text.startsWith("not ") ? `not ${MASK}` : MASK;
}

/** Parts of the URL that may be missing. */
const OPTIONAL_PARTS: Readonly<Record<string, string>> = { "host-port": "port", query: "query" };

/** What precedes a value; a method and a path need nothing. */
function labelOf({ id }: Dimension): string {
  if (id === "method" || id === "path" || id === "request-form") return "";
  if (id === "client") return "from ";
  if (id === "client-of-load-balancer") return "before the load balancer from ";
  if (id === "body-length") return "body of ";
  if (id === "tls:hello") return "TLS ClientHello ";
  if (id === "response-status") return "the server answers ";
  const [kind = "", name] = id.split(/:(.*)/s);
  if (kind === "header" && name !== undefined) return `${name}: `;
  if (kind === "response-header" && name !== undefined) return `the server answers ${name}: `;
  if (kind === "query" && name !== undefined) return `?${name}=`;
  if (kind === "cookie" && name !== undefined) return `cookie ${name}=`;
  return `${id} `;
}

const MOST_NAMED = 6;

function predicateText(on: Dimension, is: Predicate): string {
  switch (is.kind) {
    case "test":
      return testText(on, is.test);
    case "values":
      return listText(on.id === "request-form" ? is.values.map((form) => FORMS[form] ?? form) : is.values);
    case "ranges":
      return is.ranges.map((range) => rangeText(on, range)).join(" or ");
    case "absent":
      return on.id === "body-length" ? "unknown length" : "absent";
    case "not":
      return `not ${inner(on, is.of)}`;
    case "any":
      return listText(is.of.map((part) => predicateText(on, part)));
    case "but-not":
      return `${predicateText(on, is.of)} but not ${inner(on, is.not)}`;
    default:
      return `like ${listText(is.values.map(valueText))}`;
  }
}

/** In parentheses where it is more than one thing. */
function inner(on: Dimension, is: Predicate): string {
  const text = predicateText(on, is);
  const several =
    is.kind === "any" || is.kind === "but-not" || (is.kind === "values" && is.values.length > 1);
  return several ? `(${text})` : text;
}

function listText(parts: readonly string[]): string {
  if (parts.length <= MOST_NAMED) return parts.join(" or ");
  return `${parts.slice(0, MOST_NAMED - 1).join(" or ")} or ${parts.length - MOST_NAMED + 1} more`;
}

function valueText(value: Value): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}

function rangeText(on: Dimension, { from, to }: { readonly from: number; readonly to: number }): string {
  if (from === to) return String(from);
  if (on.kind === "number" && to === on.to) return `${from} or more`;
  return `${from} to ${to}`;
}

function testText(on: Dimension, test: Test["test"]): string {
  switch (test.kind) {
    case "networks":
      return listText(test.networks);
    case "one-of":
      return listText(test.values);
    case "range":
      return `${test.from} to ${test.to}`;
    case "holds":
      return "holds";
    default:
      return textTestText(on, test);
  }
}

function textTestText(on: Dimension, test: TextTest): string {
  if (test.kind === "present") return "present";
  if (test.kind === "any")
    return subtree(test.tests) ?? listText(test.tests.map((one) => textTestText(on, one)));
  if (test.kind === "pattern" && test.label !== undefined) return test.label;
  const written =
    test.kind === "pattern" ? `~${test.source.replace(/^(?:\(\*[^)]*\))+/, "")}` : affixed(test);
  if (on.kind === "text" && on.id === "host" && isInUniverse(on, "A"))
    return test.ignoreCase ? written : `${written} (case-sensitive)`;
  return test.ignoreCase ? `${written} (in any case)` : written;
}

function affixed({ kind, value }: Extract<TextTest, { readonly value: string }>): string {
  const text = /^[\x21-\x7e]+$/.test(value) ? value : JSON.stringify(value);
  if (kind === "exact") return text;
  if (kind === "prefix") return `${text}*`;
  return kind === "suffix" ? `*${text}` : `*${text}*`;
}

/** `/api/**`: the path itself and everything below it. */
function subtree(tests: readonly TextTest[]): string | undefined {
  const [own, below, another] = tests;
  if (another !== undefined || own?.kind !== "exact" || below?.kind !== "prefix") return undefined;
  return below.value === `${own.value}/` ? `${own.value}/**` : undefined;
}

// Answers that HAProxy makes itself: `deny`, `return`, `redirect`, the stats page, and what `errorfile` makes of a status.
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import { directiveOf, wordsText } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Answer, Leaf, LocationPart } from "../program.ts";
import { type Choice, combine, mapChoice, one } from "./choice.ts";
import { evaluateFormat, formatKey } from "./evaluate-expression.ts";
import { appendQuery } from "./fetch.ts";
import { dependsOn, partsOfScalar, readable } from "./flow.ts";
import { lastHeader } from "./header-lines.ts";
import { notExamined, type Scope } from "./scope.ts";
import { constant, joined, type Part, partsOf, type Scalar, show, type Value } from "./value.ts";

type OwnAnswer = Extract<Answer, { readonly kind: "own" }>;

/** An answer that is the same for every request. */
export function fixedAnswer(key: string, text: string, answer: Answer): Leaf {
  return { key, text, answer };
}

/** An answer with a status, as the error files of the proxy change it. */
export function statusAnswer(
  scope: Pick<Scope, "world" | "at" | "proxy" | "frontend">,
  status: number,
  more = "",
): Leaf & { readonly answer: OwnAnswer } {
  const changed = [scope.proxy, scope.frontend].map((proxy) => errorPage(proxy, status)).find(Boolean);
  const suffix = [more, changed ?? ""].filter((part) => part !== "").join(" ");
  return {
    key: `${status} ${suffix}${contentsOf(scope, changed?.split(" ") ?? [])}`.trim(),
    text: suffix === "" ? String(status) : `${status} (${suffix})`,
    answer: { kind: "own", ...pageAnswer(changed, status) },
  };
}

/** What the files hold that the words of a directive name as an answer. */
function contentsOf({ world, at }: Pick<Scope, "world" | "at">, words: readonly string[]): string {
  const paths = words.filter(
    (_, index) => /^(?:lf-)?file$/.test(words[index - 1] ?? "") || words[index - 2] === "errorfile",
  );
  return paths
    .map((path) => {
      const content = world.files(path);
      if (content === undefined) notExamined(world, `the content of ${path}`, at, "page");
      return ` ${content ?? ""}`;
    })
    .join("");
}

/** `errorloc` redirects; a file has a status of its own, which is not read. */
function pageAnswer(page: string | undefined, status: number): Pick<OwnAnswer, "status" | "location"> {
  if (page === undefined) return { status };
  const [directive, , target = ""] = page.split(" ");
  if (/(?:^| )errorfile/.test(page)) return { status: undefined };
  if (directive === "http-error") return { status };
  return { status: directive === "errorloc303" ? 303 : 302, location: [target] };
}

const errorPages = new WeakMap<HaproxyProxy, ReadonlyMap<string, string>>();

/** `errorfile 503 x`, `errorloc 503 /x`, `http-error status 503 …` of the proxy or its defaults. */
function errorPage(proxy: HaproxyProxy, status: number): string | undefined {
  const pages = errorPages.get(proxy) ?? new Map(proxy.section.lines.flatMap(errorPageOf));
  errorPages.set(proxy, pages);
  return pages.get(String(status)) ?? (proxy.parent && errorPage(proxy.parent, status));
}

function errorPageOf(line: HaproxyLine): readonly (readonly [status: string, text: string])[] {
  const words = directiveOf(line).words.map(({ value }) => value);
  const [first = "", second] = words;
  const status = first === "http-error" ? words[words.indexOf("status") + 1] : second;
  const isPage = /^(?:error(?:file|loc|loc302|loc303)|http-error)$/.test(first);
  return isPage && status !== undefined ? [[status, wordsText(line)]] : [];
}

/** `deny`, `tarpit` and `return` with their arguments. */
export function replyAnswer(scope: Scope, action: string, words: readonly string[]): Choice<Leaf> {
  const at = words.findIndex((word) => word === "status" || word === "deny_status" || word === "code");
  const deny = scope.phase === "request" ? 403 : 502;
  const byDefault = { return: 200, deny, tarpit: 500 }[action] ?? 403;
  const status = at < 0 ? byDefault : Number(words[at + 1]) || byDefault;
  const rest = at < 0 ? words : words.filter((_, index) => index !== at && index !== at + 1);
  if (scope.phase === "response" && rest.some((word) => /%\[(?:status|s?res\.|shdr)/.test(word)))
    notExamined(
      scope.world,
      `\`${action}\` with a part of the response, which is not there any more`,
      scope.at,
    );
  const base = statusAnswer(scope, status, action === "tarpit" ? "tarpit" : "");
  // Without contents `return` has no error page, nor has `deny status 403`; `deny` and `deny deny_status 403` have.
  const isEmpty = action === "return" || words[at] === "status";
  if (rest.length === 0) return one(isEmpty ? { ...base, key: `${base.key} empty` } : base);
  const written = combine(formatsOf(scope, rest), replyLocation(scope, status, rest), (parts, location) =>
    one({ parts, location }),
  );
  return mapChoice(written, ({ parts, location }) =>
    one({
      key: `${base.key} ${show(parts)}${contentsOf(scope, rest)}`,
      text: `${base.text} ${shortened(readable(parts))}`,
      ...dependsOn(parts),
      answer: location === undefined ? base.answer : { kind: "own", status, location },
    }),
  );
}

/** `return status 302 hdr location X`; undefined: no Location. */
function replyLocation(
  scope: Scope,
  status: number,
  words: readonly string[],
): Choice<readonly LocationPart[] | undefined> {
  if (status < 300 || status > 399) return one(undefined);
  const [value, ...others] = words.filter(
    (_, index) => words[index - 2] === "hdr" && words[index - 1]?.toLowerCase() === "location",
  );
  if (value === undefined || others.length > 0) {
    const isUnknown = value !== undefined || words.some((word) => /^(?:default-)?errorfiles?$/.test(word));
    return one(isUnknown ? [LOCATION_HEADER] : undefined);
  }
  return mapChoice(evaluateFormat(scope, value), (scalar) => one(partsOfScalar(scalar).map(locationPart)));
}

/** Of an error file, or set by a rule for responses: not followed. */
export const LOCATION_HEADER: LocationPart = { from: "a header of the rule" };

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** Arguments of which `lf-string` and `hdr` are formats. */
function formatsOf(scope: Scope, words: readonly string[]): Choice<readonly Part[]> {
  let result: Choice<readonly Part[]> = one([]);
  for (const [index, word] of words.entries()) {
    const isFormat = words[index - 1] === "lf-string" || words[index - 2] === "hdr";
    const value: Value = isFormat
      ? evaluateFormat(scope, word)
      : one<Scalar | undefined>(constant(/[\s"]/.test(word) ? JSON.stringify(word) : word));
    const blank = constant(index === 0 ? "" : " ").parts;
    result = combine(result, value, (before, added) => one(joined(before, blank, partsOf(added))));
  }
  return result;
}

export interface Redirect {
  /** Whether `to` is a log-format string: in `http-request redirect`, not in `redirect`. */
  readonly format: boolean;
  readonly kind: string;
  readonly to: string;
  readonly code: number;
  readonly options: readonly string[];
}

/** undefined: HAProxy refuses it. */
export function readRedirect(words: readonly string[], format: boolean): Redirect | undefined {
  let [kind, to, code]: [string | undefined, string | undefined, number] = [undefined, undefined, 302];
  const options: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const [word = "", next] = [words[index], words[index + 1]];
    if (word === "location" || word === "prefix" || word === "scheme") [kind, to] = [word, next];
    else if (word === "code") code = Number(next);
    else if (word === "set-cookie" || word === "clear-cookie" || word === "set-cookie-fmt")
      options.push(`${word} ${next}`);
    else {
      options.push(word);
      continue;
    }
    index += 1;
  }
  return kind === undefined || to === undefined ? undefined : { kind, to, code, options, format };
}

/** http_apply_redirect_rule() in HAProxy's src/http_ana.c. */
export function redirectAnswer(scope: Scope, redirect: Redirect): Choice<Leaf> {
  const { code, options } = redirect;
  const more = options
    .filter((option) => option !== "drop-query" && option !== "append-slash")
    .map((option) => (option.startsWith("set-cookie-fmt ") ? formatKey(scope, option) : option));
  return mapChoice(locationOf(scope, redirect), (scalar) => {
    const parts = partsOfScalar(scalar);
    const suffix = more.length === 0 ? "" : ` ${more.join(" ")}`;
    return one({
      key: `${code} ${show(parts)}${suffix}`,
      text: `${code} ${readable(parts)}${suffix}`,
      ...dependsOn(parts),
      answer: { kind: "own", status: code, location: parts.map(locationPart) },
    });
  });
}

function locationPart(part: Part): LocationPart {
  if (part.kind === "constant") return part.text;
  if (part.kind === "source" && part.through.length === 0) return { from: part.on.id };
  return { from: readable([part]) };
}

function locationOf(scope: Scope, { kind, to, options, format }: Redirect): Value {
  const target: Value = format ? evaluateFormat(scope, to) : one<Scalar | undefined>(constant(to));
  if (kind === "location") return target;
  const front = kind === "scheme" ? withHost(scope, target) : withoutSlash(target, to);
  const path = options.includes("append-slash") ? slashed(scope) : scope.store.path;
  const query: Value = options.includes("drop-query")
    ? one<Scalar | undefined>(undefined)
    : scope.store.query;
  const rest = combine(path, query, (one1, two) => one(appendQuery(one1, two)));
  return append(front, rest);
}

function withHost(scope: Scope, scheme: Value): Value {
  const separator: Value = one<Scalar | undefined>(constant("://"));
  return append(append(scheme, separator), lastHeader(scope, "host"));
}

/** The prefix `/` adds nothing. */
function withoutSlash(target: Value, written: string): Value {
  return written === "/" ? one<Scalar | undefined>(constant("")) : target;
}

function slashed({ formulas, store }: Scope): Value {
  void formulas;
  return mapChoice(store.path, (path) =>
    one<Scalar | undefined>({
      kind: "text",
      parts: [
        {
          kind: "opaque",
          id: `${show(partsOf(path))} with a slash at its end`,
          text: "path/",
          why: "append-slash",
          state: false,
          at: undefined,
        },
      ],
    }),
  );
}

export function append(front: Value, back: Value): Value {
  return combine(front, back, (a, b) =>
    one<Scalar | undefined>({ kind: "text", parts: joined(partsOf(a), partsOf(b)) }),
  );
}

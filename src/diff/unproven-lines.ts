// Changed lines of haproxy.cfg whose effect on answers the evaluation does not follow, or follows only for ordinary requests.
import { directiveOf, type HaproxyConfig, type HaproxyLine, lineStart } from "../wiring/haproxy/config.ts";
import type { Place } from "./comparison.ts";
import type { Hunk } from "./hunks.ts";

/** Lines of the later side and, where lines were removed, of the earlier one. */
export function unprovenLines(
  hunks: readonly Hunk[],
  before: HaproxyConfig,
  after: HaproxyConfig,
): readonly Place[] {
  const removed = new Set(hunks.flatMap((hunk) => placesIn(hunk.file, hunk.oldStart, hunk.oldLines.length)));
  const added = new Set(hunks.flatMap((hunk) => placesIn(hunk.file, hunk.newStart, hunk.newLines.length)));
  return [...linesIn(before, removed, "before"), ...linesIn(after, added, "after")];
}

function placesIn(file: string, start: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${file}:${start + index}`);
}

function linesIn(config: HaproxyConfig, changed: ReadonlySet<string>, side: Place["side"]): readonly Place[] {
  return config.sections.flatMap(({ kind, header, lines }) =>
    [...(header === undefined ? [] : [header]), ...lines].flatMap((line) => {
      const at = lineStart(config, line);
      const isUnproven = changed.has(`${at.file}:${at.line}`) && mayAlterAnswers(line, kind);
      return isUnproven ? [{ text: `\`${line.text.trim()}\``, at, side }] : [];
    }),
  );
}

/** Sections whose lines rules refer to by the section's name. */
const REFERRED: ReadonlySet<string> = new Set(["userlist", "http-errors", "cache", "fcgi-app"]);

const DIRECTIVES: ReadonlySet<string> = new Set(
  "setenv presetenv resetenv unsetenv set-var set-var-fmt capture declare disabled enabled id mode".split(
    " ",
  ),
);

/** Options that refuse requests, remove headers, or decide when rules run. */
const OPTIONS = /^(?:http-restrict-req-hdr-names|http-buffer-request|http-ignore-probes|accept-)/;

/**
 * In a rule: versions of HTTP, the body as it arrived, values that outlive a request or are cut, single values of a header, parts of a Host, and
 * request-targets with a scheme differ only for requests that the evaluation leaves out.
 */
const IN_RULES =
  /\breq[._]ver|\breq\.body|\b(?:sess|proc)\.|replace-uri|replace-pathq|\bcapture|wait-for-body|hdr(?:_\w+)?\([^)]*,|fhdr|host_only|port_only|field\(|\bauth realm|silent-drop|\b[bf]e_id\b|cook(?:ie)?[(_]/;

function mayAlterAnswers(line: HaproxyLine, section: string): boolean {
  const { words } = directiveOf(line);
  const [first = "", second = "", ...others] = words.map(({ value }) => value);
  if (first === "") return false;
  if (first.startsWith(".") || REFERRED.has(section) || DIRECTIVES.has(first)) return true;
  if (first === "option") return OPTIONS.test(second);
  if (/^(?:default-)?server(?:-template)?$/.test(first))
    return [second, ...others].some((word) => /^(?:redir|disabled|id)$/.test(word));
  return /^(?:acl|http-|tcp-|use|redirect|default_backend)/.test(first) && IN_RULES.test(line.text);
}

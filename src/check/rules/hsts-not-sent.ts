// hsts-not-sent: announced HSTS that no response carries.
import type { Position } from "../../findings/finding.ts";
import {
  type HaproxyConfig,
  type HaproxyLine,
  type HaproxySection,
  placeInFile,
  tokenPosition,
} from "../../wiring/haproxy/config.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { backendsOf, clientSides, linesFor, type PlacedProxy, reachOf } from "../layers/haproxy-view.ts";
import { memoized } from "../layers/memoized.ts";
import type { Rule } from "../rule.ts";

const PROMISE = /\bHSTS\b|strict[ -]transport[ -]security/i;

export const hstsNotSent: Rule = {
  code: "hsts-not-sent",
  severity: "warning",
  check: (wiring) =>
    clientSides(wiring).flatMap((placed) => {
      const { layer, proxy } = placed;
      if (reachOf(wiring, placed) === "itself") return [];
      const promise = promiseIn(layer.config, proxy.section);
      if (promise === undefined) return [];
      if (sendsHsts(placed)) return [];
      // A comment at a plain listener may announce the header that the TLS listeners of the same file send.
      if (!terminatesTls(placed) && sentOverTls(wiring).has(layer)) return [];
      return {
        what: `\`${proxy.name}\` announces HSTS, and no response carries the header`,
        why: "Browsers keep trying plain HTTP first: an attacker on the network path can read that request and keep the client on plain HTTP permanently.",
        remedy:
          "Write `http-response set-header Strict-Transport-Security max-age=15552000`; responses of HAProxy itself, such as redirects, need `http-after-response` instead.",
        at: [promise, proxy.binds[0]?.address.at],
      };
    }),
};

/** The files whose TLS listeners send the header. */
const sentOverTls = memoized((wiring: Wiring) => {
  const senders = clientSides(wiring).filter((placed) => terminatesTls(placed) && sendsHsts(placed));
  return new Set(senders.map(({ layer }) => layer));
});

function terminatesTls({ proxy }: PlacedProxy): boolean {
  return proxy.binds.some(({ ssl }) => ssl);
}

function promiseIn(config: HaproxyConfig, section: HaproxySection): Position | undefined {
  for (const line of linesAbout(config, section)) {
    const { number, comment, tokens } = line;
    if (comment !== undefined && promises(comment.text) && !isCommentedOut(config, line)) {
      return placeInFile(config, {
        line: number,
        column: comment.column,
        length: comment.text.trimEnd().length,
      });
    }
    const name = tokens[0]?.value === "acl" && /hsts/i.test(tokens[1]?.value ?? "") ? tokens[1] : undefined;
    if (name !== undefined) return tokenPosition(config, name);
  }
  return undefined;
}

function promises(comment: string): boolean {
  return PROMISE.test(comment) && !/\b(no|not|without|never)\b/i.test(comment);
}

/** A section's lines with the comments above its header; those above the next header belong to the next section. */
function linesAbout({ lines }: HaproxyConfig, section: HaproxySection): readonly HaproxyLine[] {
  const header = section.header?.number ?? 1;
  let before = header - 2;
  while (before >= 0 && lines[before]?.tokens.length === 0) before -= 1;
  const last = section.lines.findLastIndex(({ tokens }) => tokens.length > 0);
  return [...lines.slice(before + 1, header), ...section.lines.slice(0, last + 1)];
}

/** Whether a comment belongs to lines that are commented out: some line of its block is a directive behind the `#`. */
function isCommentedOut({ lines }: HaproxyConfig, { number, tokens }: HaproxyLine): boolean {
  if (tokens.length > 0) return false;
  const isOutside = (line: HaproxyLine | undefined) => line?.comment === undefined || line.tokens.length > 0;
  let first = number - 1;
  while (first > 0 && !isOutside(lines[first - 1])) first -= 1;
  let end = number;
  while (end < lines.length && !isOutside(lines[end])) end += 1;
  return lines.slice(first, end).some(({ comment }) => DIRECTIVE.test(comment?.text ?? ""));
}

/** Directives that do not begin a sentence, and section headers that consist of kind and name. */
const DIRECTIVE =
  /^#+\s*((frontend|backend|listen)\s+[\w.:-]+\s*$|(bind|server|acl|http-re(quest|sponse)|http-after-response|use_backend|default_backend|reqadd|rspadd|rspidel)\s+\S|(mode|balance|timeout|option|stats|redirect)\s+(http|tcp|\w+log|roundrobin|client|server|connect|scheme|location|prefix|uri|enable)\b)/;

/** The proxy, or a backend that it sends requests to. */
function sendsHsts(placed: PlacedProxy): boolean {
  return [placed.proxy, ...backendsOf(placed)]
    .flatMap((proxy) => linesFor(proxy))
    .some(({ tokens }) => tokens.some(({ value }) => /strict-transport-security/i.test(value)));
}

// A readable report of a disagreement: description, request, both answers, and how to reproduce it.
import { stringify } from "yaml";
import type { Disagreement, Pair } from "./round.ts";

export function accountOf({ haproxy, seed, description, pair, differences }: Disagreement): string {
  return [
    `The model and HAProxy ${haproxy.version} differ (npm run fuzz -- --round ${seed} --haproxy ${haproxy.branch}):`,
    ...differences.map(
      ({ what, hop, expected, got }) =>
        `  ${what} (${hop}): the model has ${shortened(expected)}, HAProxy ${shortened(got)}`,
    ),
    ...(pair === null ? [] : pairLines(pair)),
    "",
    indented(stringify(description)),
  ].join("\n");
}

function pairLines({ request, decision, answer }: Pair): readonly string[] {
  const { method, target, httpVersion, headers, body } = request;
  const bytes = `${method} ${target} ${httpVersion}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
  const { status, location, backends, site, route, because } = decision;
  return [
    "",
    `Request on the ${request.listener} listener, from ${answer.client} (bytes as \\x.. where they are not ASCII):`,
    indented(
      bytes.replace(/[^\x20-\x7e\r\n]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`),
    ),
    `Model:   ${status ?? "forwarded"}${location === null ? "" : ` to ${shortened(location)}`}${backends.map(({ backend, weight }) => ` ${backend}:${weight}`).join("")}; site ${site?.name ?? "none"}, route ${route?.id ?? "none"}: ${because}`,
    `HAProxy: ${answer.status ?? answer.refused}${answer.location === null ? "" : ` to ${shortened(answer.location)}`}, ${answer.backend ?? "by itself"}${answer.seen === null ? "" : `, which saw ${answer.seen.method} ${shortened(answer.seen.target)}`}`,
  ];
}

function shortened(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}… (${text.length} characters)` : text;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

// hold-time-too-short: server that loses its address shortly after DNS stops answering.
import { wordsText } from "../../wiring/haproxy/config.ts";
import { readDurationMs } from "../../wiring/haproxy/read-settings.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { linesOf, placeOf } from "../layers/haproxy-view.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf } from "../wording.ts";

export const holdTimeTooShort: Rule = {
  code: "hold-time-too-short",
  severity: "warning",
  check: ({ haproxies }) => haproxies.flatMap((layer) => findingsOf(layer)),
};

/** HAProxy's default is 30 s (manual 3.2, section 5.3.2, hold); a restart of the DNS server takes about this. */
const SHORTEST_MS = 10_000;
/** DNS does not answer, answers with an error, or refuses the query: this says nothing about the name itself. */
const OUTAGES: readonly (string | undefined)[] = ["timeout", "refused", "other"];

function findingsOf(layer: HaproxyLayer): readonly RuleFinding[] {
  const sections = layer.config.sections.filter(({ kind }) => kind === "resolvers");
  return sections.flatMap((section) => {
    const name = section.name?.value ?? "";
    const used = layer.wiring.servers.some(({ resolvers }) => resolvers?.value === name);
    const short = linesOf(section, "hold").filter(({ tokens, conditional }) => {
      const ms = readDurationMs(tokens[2]?.value ?? "");
      return !conditional && OUTAGES.includes(tokens[1]?.value) && ms !== undefined && ms < SHORTEST_MS;
    });
    if (!used || short.length === 0) return [];
    const texts = short.map(wordsText);
    return {
      what: `${listOf(texts)} of \`resolvers ${name}\` ${short.length === 1 ? "ends" : "end"} before a short DNS outage does`,
      why: "If DNS does not answer for that long, HAProxy takes every server with a name down, although the servers work: requests get 503 until DNS answers again.",
      remedy: `Remove ${short.length === 1 ? "the line" : "the lines"}, for HAProxy's default of 30 s, or write a longer time such as \`1h\`.`,
      at: short.map((line) => placeOf(layer.config, line)),
    };
  });
}

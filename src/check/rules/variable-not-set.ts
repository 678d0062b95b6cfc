// variable-not-set: environment variable of haproxy.cfg that the container does not set.

import type { HaproxyConfig, HaproxyLine } from "../../wiring/haproxy/config.ts";
import { unsetIn } from "../../wiring/haproxy/unset-variables.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { type HaproxyProcess, haproxyProcesses } from "../layers/container/process.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { isUnset } from "../layers/variables.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const variableNotSet: Rule = {
  code: "variable-not-set",
  severity: "error",
  check: (wiring) => haproxyProcesses(wiring).flatMap((process) => findingsOf(wiring, process)),
};

interface Use {
  readonly name: string;
  readonly haproxy: HaproxyLayer;
  readonly config: HaproxyConfig;
  readonly line: HaproxyLine;
}

function findingsOf(wiring: Wiring, process: HaproxyProcess): readonly RuleFinding[] {
  const uses = process.haproxies.flatMap((haproxy) => {
    const { config } = haproxy;
    return config.lines
      .filter(({ conditional, tokens }) => !conditional && tokens[0]?.value.startsWith(".") === false)
      .flatMap((line) => unsetIn(config, line, {}).map((name): Use => ({ name, haproxy, config, line })));
  });
  return [...Map.groupBy(uses, ({ name }) => name)]
    .filter(([name]) => isUnset(wiring, process, name))
    .map(([name, lines]) => ({
      what: `nothing sets the environment variable ${name}`,
      why: `HAProxy reads an empty text in its place${effectOf(lines)}.`,
      remedy: `Set ${name} in ${process.pod?.workload.compose === undefined ? "`env` of the container" : "`environment` of the service"}, or write \`"\${${name}-DEFAULT}"\` with a default.`,
      at: [
        ...lines.slice(0, 3).map(({ config, line }) => placeOf(config, line)),
        noted(process.pod?.container.at, "the container, which does not set it"),
      ],
      stops: lines.filter(isBindWithoutPort).map(({ haproxy }) => haproxy),
    }));
}

function effectOf(uses: readonly Use[]): string {
  const onServer = uses.find(({ line: { tokens }, name }) => {
    const [keyword, , address] = tokens;
    return keyword?.value === "server" && address !== undefined && isHost(address.value, name);
  });
  return onServer === undefined
    ? ": it refuses the line, or the line has another meaning than intended"
    : `: server \`${onServer.line.tokens[1]?.value}\` then has no host, and HAProxy connects to itself`;
}

/** HAProxy refuses a bind without a port (str2sa_range() in src/tools.c, "missing port"). */
function isBindWithoutPort({ name, line: { tokens } }: Use): boolean {
  const [keyword, address] = tokens;
  return keyword?.value === "bind" && new RegExp(`:\\$\\{?${name}\\}?$`).test(address?.value ?? "");
}

/** `${API_HOST}:8080` */
function isHost(address: string, name: string): boolean {
  return new RegExp(`^\\$\\{?${name}\\}?:\\d+$`).test(address);
}

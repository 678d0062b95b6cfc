// The environment variables that a haproxy.cfg depends on, and which of them are not set where Portico runs.
import type { Environment } from "../environment.ts";
import type { HaproxyConfig, HaproxyLine, HaproxyToken } from "./config.ts";

/** Which word is an address: variables in it are replaced without quotes too (str2sa_range() in HAProxy's src/tools.c). */
const ADDRESS_AT: Readonly<Record<string, number>> = { bind: 1, server: 2, "server-template": 3, peer: 2 };

/** The variables of a line that neither `env` nor the configuration itself sets, and that have no default. */
export function unsetIn(config: HaproxyConfig, line: HaproxyLine, env: Environment): readonly string[] {
  const own = setBy(config);
  const names = line.tokens.flatMap(({ symbolic, value }, index) => [
    ...(symbolic || index === ADDRESS_AT[line.tokens[0]?.value ?? ""]
      ? [...value.matchAll(/\$(?:\{([A-Za-z_]\w*)(?:\[\*\])?\}|([A-Za-z_]\w*))/g)]
      : []),
    ...(isCondition(line) ? [...value.matchAll(/\bdefined\(()([A-Za-z_]\w*)\)/g)] : []),
  ]);
  const unset = names.map(([, braced, bare]) => braced || (bare ?? ""));
  return [...new Set(unset)].filter((name) => env[name] === undefined && !own.has(name));
}

/** Lines with `.if` and `.elif` that are decided by variables which are not set here. */
export function undecidedConditions(config: HaproxyConfig, env: Environment): readonly HaproxyLine[] {
  return config.lines.filter((line) => isCondition(line) && unsetIn(config, line, env).length > 0);
}

/** The words of `.alert` lines under such conditions: they stop HAProxy, and are about the environment. */
export function undecidedAlerts(config: HaproxyConfig, env: Environment): readonly HaproxyToken[] {
  const undecided = new Set(undecidedConditions(config, env));
  const open: boolean[] = [];
  return config.lines.flatMap((line) => {
    const first = line.tokens[0]?.value;
    if (first === ".if") open.push(undecided.has(line));
    else if (first === ".elif") open.push((open.pop() ?? false) || undecided.has(line));
    else if (first === ".endif") open.pop();
    return first === ".alert" && open.includes(true) ? line.tokens : [];
  });
}

function isCondition({ tokens }: HaproxyLine): boolean {
  return tokens[0]?.value === ".if" || tokens[0]?.value === ".elif";
}

function setBy({ sections }: HaproxyConfig): ReadonlySet<string> {
  const lines = sections.filter(({ kind }) => kind === "global").flatMap((section) => section.lines);
  return new Set(
    lines.flatMap(({ tokens: [keyword, name] }) =>
      keyword !== undefined && name !== undefined && ["setenv", "presetenv"].includes(keyword.value)
        ? [name.value]
        : [],
    ),
  );
}

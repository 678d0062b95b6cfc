// HAProxy's messages about refused layers, as findings at the lines of the layers.

import type { PlacedMessage } from "../check/haproxy/placed-messages.ts";
import type { Finding } from "../findings/finding.ts";
import type { Haproxy } from "../haproxy/find.ts";
import type { HaproxyFailure } from "../haproxy/process.ts";
import type { HaproxyConfig } from "../wiring/haproxy/config.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import type { CommandContext, Given } from "./command.ts";
import { showFailure } from "./findings-output.ts";
import { sourcesOf } from "./layers-to-test.ts";
import { trustOf } from "./trust.ts";

export function isHaproxyFailure(error: unknown): error is HaproxyFailure {
  return error instanceof Error && error.name === "HaproxyFailure";
}

export interface Refused {
  readonly haproxy: Haproxy;
  readonly config: HaproxyConfig;
  /** What HAProxy got of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What HAProxy got of the environment: nothing without `--trust`. */
export function givenEnvironment(context: CommandContext, given: Given): Refused["env"] {
  return trustOf(given).trust ? context.env : {};
}

/** Prints why HAProxy refuses a layer. @throws any other error */
export async function showRefusal(
  context: CommandContext,
  given: Given,
  error: unknown,
  {
    haproxy,
    layer,
    wiring,
  }: Pick<Refused, "haproxy"> & { readonly layer: HaproxyLayer; readonly wiring: Wiring },
): Promise<void> {
  if (!isHaproxyFailure(error)) throw error;
  const env = givenEnvironment(context, given);
  const findings = await refusalOf(error, { haproxy, config: layer.config, env });
  await showFailure(context, given, findings, sourcesOf(wiring));
}

/** HAProxy's messages, each at its line of the layers' file: the lab's copy has the same lines. */
export async function refusalOf(failure: HaproxyFailure, refused: Refused): Promise<readonly Finding[]> {
  const { message: whole, messages, limit } = failure;
  const { version } = refused.haproxy;
  const { config } = refused;
  const { relevantMessages } = await import("../haproxy/messages.ts");
  const { placeMessages } = await import("../check/haproxy/placed-messages.ts");
  if (limit !== undefined) {
    const { limitFinding } = await import("../haproxy/limits.ts");
    return [limitFinding(version, limit, [{ file: config.file, line: 1, column: 1, length: 1 }])];
  }
  const telling = relevantMessages(messages);
  if (telling.length === 0) return [{ ...REFUSAL, what: whole, at: [] }];
  const own = telling.find(({ file }) => file?.endsWith("haproxy.cfg") === true)?.file ?? "";
  return Promise.all(placeMessages(config, own, telling).map((placed) => findingOf(placed, own, refused)));
}

const REFUSAL = {
  code: "haproxy-refuses",
  severity: "error",
  why: "HAProxy does not start with this configuration, so it serves no requests.",
  remedy:
    "Run the command with the HAProxy version that runs these layers (`--haproxy PATH`), or correct the line.",
} as const;

async function findingOf(
  { message, line }: PlacedMessage,
  own: string,
  { haproxy, config, env }: Refused,
): Promise<Finding> {
  const { headlineOf } = await import("../haproxy/messages.ts");
  const { placeInFile, tokenPosition } = await import("../wiring/haproxy/config.ts");
  const { unsetIn } = await import("../wiring/haproxy/unset-variables.ts");
  const [first, last] = [line?.tokens[0], line?.tokens.at(-1)];
  const at = [
    first === undefined ? placeInFile(config, { line: 1, column: 1 }) : tokenPosition(config, first, last),
  ];
  const headline = headlineOf(message);
  const what = `HAProxy ${haproxy.version}: ${own === "" ? headline : headline.replaceAll(own, config.file)}`;
  const unset = line === undefined ? [] : unsetIn(config, line, env);
  if (unset.length === 0) return { ...REFUSAL, what, at };
  return {
    ...REFUSAL,
    what,
    why: `The environment of HAProxy sets ${unset.join(" and ")}, and here nothing does: HAProxy does not start with an empty value.`,
    remedy: `Set ${unset.join(" and ")} in the environment of the command, and add \`--trust\` if you trust the authors of the file.`,
    at,
  };
}

// HAProxy's messages about refused layers, as findings at the lines of the layers.
import type { Finding } from "../findings/finding.ts";
import type { Haproxy } from "../haproxy/find.ts";
import type { HaproxyFailure } from "../haproxy/process.ts";
import type { HaproxyConfig } from "../wiring/haproxy/config.ts";

export function isHaproxyFailure(error: unknown): error is HaproxyFailure {
  return error instanceof Error && error.name === "HaproxyFailure";
}

/** HAProxy's messages, each at its line of the layers' file: the lab's copy has the same lines. */
export async function refusalOf(
  { message: whole, messages, limit }: HaproxyFailure,
  { version }: Haproxy,
  config: HaproxyConfig,
): Promise<readonly Finding[]> {
  const { headlineOf, relevantMessages } = await import("../haproxy/messages.ts");
  const { placeMessages } = await import("../check/haproxy/placed-messages.ts");
  const { placeInFile, tokenPosition } = await import("../wiring/haproxy/config.ts");
  if (limit !== undefined) {
    const { limitFinding } = await import("../haproxy/limits.ts");
    return [limitFinding(version, limit, [{ file: config.file, line: 1, column: 1, length: 1 }])];
  }
  const telling = relevantMessages(messages);
  const shared = {
    code: "haproxy-refuses",
    severity: "error",
    why: "HAProxy does not start with this configuration, so it serves no requests.",
    remedy:
      "Run the command with the HAProxy version that runs these layers (`--haproxy PATH`), or correct the line.",
  } as const;
  if (telling.length === 0) return [{ ...shared, what: whole, at: [] }];
  const own = telling.find(({ file }) => file?.endsWith("haproxy.cfg") === true)?.file ?? "";
  return placeMessages(config, own, telling).map(({ message, line }) => {
    const [first, last] = [line?.tokens[0], line?.tokens.at(-1)];
    return {
      ...shared,
      what: `HAProxy ${version}: ${headlineOf(message)}`,
      at: [
        first === undefined
          ? placeInFile(config, { line: 1, column: 1 })
          : tokenPosition(config, first, last),
      ],
    };
  });
}

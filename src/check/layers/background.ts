// Whether HAProxy leaves for the background, and what its container does then.
import type { Position } from "../../findings/finding.ts";
import { tokenPosition } from "../../wiring/haproxy/config.ts";
import type { HaproxyLayer, ImageCommand } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/wiring.ts";
import { isHaproxyImage } from "./image-names.ts";
import type { HaproxyPod } from "./pods.ts";
import { globalLine, shellOf } from "./stop.ts";

export interface Background {
  /** The command that starts HAProxy. */
  readonly command: ImageCommand;
  /** What the container runs after it; null: nothing, so that it ends. */
  readonly then: string | null;
  /** What sends it there: `daemon`, or the command with `-D`. */
  readonly at: Position;
}

/** null: it stays in the foreground, or it is not known. `-db` wins over `daemon`; `-W` does not (asked of 2.6). */
export function backgroundOf(haproxy: HaproxyLayer, pod: HaproxyPod | null): Background | null {
  const command = shellOf(haproxy, pod) ?? execOf(haproxy, pod);
  if (command === null) return null;
  const parts =
    command.form === "shell"
      ? (command.words[0] ?? "").split(/&&|\|\||[;|\n]/).map((part) => part.trim())
      : [command.words.join(" ")];
  const index = parts.findIndex((part) => /(?:^|[\s/])haproxy\s+(?:.*\s)?-/.test(part));
  const part = parts[index];
  if (part === undefined || /\s-db\b/.test(part)) return null;
  const line = globalLine(haproxy, "daemon");
  const [word] = line?.tokens ?? [];
  const flag = /\s-D\b/.test(part);
  if (word === undefined && !flag) return null;
  const then = parts.slice(index + 1).find((one) => one !== "") ?? null;
  return { command, then, at: word === undefined ? command.at : tokenPosition(haproxy.config, word) };
}

/** In exec form, HAProxy itself. The entrypoint of Docker's official image adds `-W -db` to whatever it is given. */
function execOf({ image }: HaproxyLayer, pod: HaproxyPod | null): ImageCommand | null {
  const said = pod?.container.command;
  if (said !== null && said !== undefined) {
    const words = [...said.value, ...(pod?.container.args?.value ?? [])];
    return said.at === null ? null : { form: "exec", words, at: said.at };
  }
  if (image === null || (image.entrypoint === null && isHaproxyImage(knownValue(image.base) ?? "")))
    return null;
  const args = pod?.container.args?.value ?? image.command?.words ?? [];
  const words = [...(image.entrypoint?.words ?? []), ...args];
  return { form: "exec", words, at: (image.entrypoint ?? image.command)?.at ?? image.at };
}

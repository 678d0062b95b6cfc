// How a pod of HAProxy stops: which signal reaches it, and how long it continues to accept connections.
import type { Position } from "../../findings/finding.ts";
import { valueAt } from "../../source/data.ts";
import { directiveOf, type HaproxyLine, tokenPosition } from "../../wiring/haproxy/config.ts";
import { readDurationMs } from "../../wiring/haproxy/read-settings.ts";
import { distributionOf, isHaproxyImage } from "../../wiring/image-names.ts";
import type { HaproxyLayer, ImageCommand } from "../../wiring/wiring.ts";
import { knownValue, type Written } from "../../wiring/written.ts";
import type { HaproxyPod } from "./pods.ts";

export interface StopSignal {
  /** `soft`: SIGUSR1; `hard`: any other, after which HAProxy ends at once; `lost`: none reaches it. */
  readonly kind: "soft" | "hard" | "lost" | "unknown";
  readonly at?: Position | undefined;
}

/** Of a container, or of an image alone. */
export function stopSignalOf(haproxy: HaproxyLayer, pod: HaproxyPod | undefined): StopSignal {
  const image = haproxy.image;
  if (pod !== undefined) {
    const path = [...pod.container.path, "lifecycle", "stopSignal"];
    const hook = valueAt(pod.workload.object.data, path);
    if (typeof hook === "string")
      return { kind: isSoft(hook) ? "soft" : "hard", at: pod.workload.object.place(path) };
  }
  const shell = shellOf(haproxy, pod);
  if (shell !== undefined) return { kind: "lost", at: shell.at };
  if (image !== undefined) {
    const { stopSignal, base } = image;
    if (stopSignal !== undefined)
      return { kind: isSoft(stopSignal.value) ? "soft" : "hard", at: stopSignal.at };
    return ofBase(knownValue(base), image.command?.at ?? image.entrypoint?.at ?? image.at);
  }
  const name = pod?.container.image?.value;
  return ofBase(name, pod?.container.image?.at);
}

/** What the container starts in shell form; undefined: nothing, or it is not known. */
export function shellOf(haproxy: HaproxyLayer, pod: HaproxyPod | undefined): ImageCommand | undefined {
  const container = pod?.container;
  if (container?.command !== undefined)
    return asShell([...container.command.value, ...(container.args?.value ?? [])], container.command);
  const { image } = haproxy;
  const command = image?.entrypoint ?? image?.command;
  if (command === undefined || (container?.args !== undefined && image?.entrypoint === undefined))
    return undefined;
  return command.form === "shell" ? command : asShell(command.words, { at: command.at });
}

/** `sh -c "…"` in exec form is a shell too. */
function asShell(
  words: readonly string[],
  { at }: { readonly at?: Position | undefined },
): ImageCommand | undefined {
  const [program = "", flag = "", text = ""] = words;
  const isShell = /^(?:.*\/)?(?:ba|da|a|z)?sh$/.test(program) && /^-[a-z]*c$/.test(flag);
  return isShell && at !== undefined ? { form: "shell", words: [text], at } : undefined;
}

function ofBase(base: string | undefined, at: Position | undefined): StopSignal {
  if (base === undefined) return { kind: "unknown", at };
  if (isHaproxyImage(base)) return { kind: "soft", at };
  return { kind: distributionOf(base) === undefined ? "unknown" : "hard", at };
}

/** SIGUSR1 is 10 on Linux (signal(7)). */
function isSoft(signal: string): boolean {
  return /^(?:SIG)?USR1$|^10$/i.test(signal);
}

/** The last such line of the global sections. */
export function globalLine({ config }: HaproxyLayer, keyword: string): HaproxyLine | undefined {
  return config.sections
    .filter(({ kind }) => kind === "global")
    .flatMap(({ lines }) => lines)
    .findLast((line) => !directiveOf(line).negated && line.tokens[0]?.value === keyword);
}

/** A global time in seconds, `grace` or `hard-stop-after`; undefined: there is none, or it is not known. */
export function globalTimeS(layer: HaproxyLayer, keyword: string): Written<number> | undefined {
  const line = globalLine(layer, keyword);
  const [first, value] = line?.tokens ?? [];
  const ms = readDurationMs(value?.value ?? "");
  if (first === undefined || value === undefined || ms === undefined) return undefined;
  return { value: ms / 1000, at: tokenPosition(layer.config, first, value) };
}

// How a pod of HAProxy stops: which signal reaches it, and how long it continues to accept connections.
import type { Position } from "../../findings/finding.ts";
import { valueAt } from "../../source/data.ts";
import { directiveOf, type HaproxyLine, tokenPosition } from "../../wiring/haproxy/config.ts";
import { readDurationMs } from "../../wiring/haproxy/read-settings.ts";
import type { HaproxyLayer, ImageCommand } from "../../wiring/wiring.ts";
import { knownValue, type Written } from "../../wiring/written.ts";
import { distributionOf, isHaproxyImage } from "./image-names.ts";
import type { HaproxyPod } from "./pods.ts";

export interface StopSignal {
  /** `soft`: SIGUSR1; `hard`: any other, after which HAProxy ends at once; `lost`: none reaches it. */
  readonly kind: "soft" | "hard" | "lost" | "unknown";
  readonly at: Position | null;
}

/** Of a container, or of an image alone. */
export function stopSignalOf(haproxy: HaproxyLayer, pod: HaproxyPod | null): StopSignal {
  const image = haproxy.image;
  if (pod !== null) {
    const path = [...pod.container.path, "lifecycle", "stopSignal"];
    const said = valueAt(pod.workload.object.data, path);
    if (typeof said === "string")
      return { kind: isSoft(said) ? "soft" : "hard", at: pod.workload.object.place(path) };
  }
  const shell = shellOf(haproxy, pod);
  if (shell !== null) return { kind: "lost", at: shell.at };
  if (image !== null) {
    const { stopSignal, base } = image;
    if (stopSignal !== null) return { kind: isSoft(stopSignal.value) ? "soft" : "hard", at: stopSignal.at };
    return ofBase(knownValue(base), image.command?.at ?? image.entrypoint?.at ?? image.at);
  }
  const name = pod?.container.image?.value;
  return ofBase(name, pod?.container.image?.at ?? null);
}

/** What the container starts in shell form; null: nothing, or it is not known. */
export function shellOf(haproxy: HaproxyLayer, pod: HaproxyPod | null): ImageCommand | null {
  const container = pod?.container;
  if (container?.command !== null && container?.command !== undefined)
    return asShell([...container.command.value, ...(container.args?.value ?? [])], container.command);
  const { image } = haproxy;
  const command = image?.entrypoint ?? image?.command ?? null;
  if (
    command === null ||
    (container?.args !== null && container?.args !== undefined && image?.entrypoint === null)
  )
    return null;
  return command.form === "shell" ? command : asShell(command.words, { at: command.at });
}

/** `sh -c "…"` in exec form is a shell too. */
function asShell(words: readonly string[], { at }: { readonly at: Position | null }): ImageCommand | null {
  const [program = "", flag = "", text = ""] = words;
  const isShell = /^(?:.*\/)?(?:ba|da|a|z)?sh$/.test(program) && /^-[a-z]*c$/.test(flag);
  return isShell && at !== null ? { form: "shell", words: [text], at } : null;
}

function ofBase(base: string | undefined, at: Position | null): StopSignal {
  if (base === undefined) return { kind: "unknown", at };
  if (isHaproxyImage(base)) return { kind: "soft", at };
  return { kind: distributionOf(base) === null ? "unknown" : "hard", at };
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

/** A global time in seconds, `grace` or `hard-stop-after`; null: there is none, or it is not known. */
export function globalTimeS(layer: HaproxyLayer, keyword: string): Written<number> | null {
  const line = globalLine(layer, keyword);
  const [first, value] = line?.tokens ?? [];
  const ms = readDurationMs(value?.value ?? "");
  if (first === undefined || value === undefined || ms === undefined) return null;
  return { value: ms / 1000, at: tokenPosition(layer.config, first, value) };
}

// CPUs and file descriptors that a container gives HAProxy.
import { valueAt } from "../../../source/data.ts";
import type { Written } from "../../../wiring/written.ts";
import type { HaproxyPod } from "../pods.ts";

/** CPUs of `limits.cpu`: `500m` is 0.5. undefined: no limit, or not a quantity. */
export function cpuLimit({ container, workload }: HaproxyPod): Written<number> | undefined {
  const path = [...container.path, "resources", "limits", "cpu"];
  const raw = valueAt(workload.object.data, path);
  const text = typeof raw === "number" || typeof raw === "string" ? String(raw) : "";
  const cpus = text.endsWith("m") ? Number(text.slice(0, -1)) / 1000 : Number(text);
  return !(cpus > 0) ? undefined : { value: cpus, at: workload.object.place(path) };
}

/** N of `ulimit -n N` in a shell that starts HAProxy. */
export function descriptorLimit(pod: HaproxyPod): Written<number> | undefined {
  const { command, args } = pod.container;
  const words = [...(command?.value ?? []), ...(args?.value ?? [])].join(" ");
  const found = /\bulimit\s+(?:-[SH]*n|-[SH]+\s+-n)\s+(\d+)/.exec(words)?.[1];
  const at = args?.at ?? command?.at;
  return found === undefined || at === undefined ? undefined : { value: Number(found), at };
}

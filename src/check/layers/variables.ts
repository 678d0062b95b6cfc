// The values that an environment variable of HAProxy has, as far as the layers show: each with the line that sets it.
import type { Position } from "../../findings/finding.ts";
import { listAt, valueAt } from "../../source/data.ts";
import type { HaproxyLayer, KubernetesObject, Wiring } from "../../wiring/wiring.ts";
import type { HaproxyProcess } from "./container/process.ts";
import { linesOf, placeOf } from "./haproxy-view.ts";

export interface SetVariable {
  readonly value: string;
  readonly at?: Position | undefined;
}

/** undefined: nothing sets it, or something outside these files may. */
export function variableOf(wiring: Wiring, layer: HaproxyLayer, name: string): SetVariable | undefined {
  const container = ofContainer(wiring, layer, name);
  return (
    inConfig(layer, name, "setenv") ??
    (container === "unknown"
      ? undefined
      : (container ?? layer.image?.env.get(name) ?? inConfig(layer, name, "presetenv")))
  );
}

/** Whether neither the container nor its image sets a variable; false where it is not known. */
export function isUnset(
  wiring: Wiring,
  { pod, image, command, haproxies }: HaproxyProcess,
  name: string,
): boolean {
  const [layer] = haproxies;
  // A script that runs before HAProxy may set it, and so may an image that is not known.
  if (layer === undefined || pod === undefined || image === undefined || command === undefined) return false;
  if (/^(?:HAPROXY_|KUBERNETES_)/.test(name) || image.facts.env.has(name) || image.build?.env.has(name))
    return false;
  const links = valueAt(pod.workload.object.data, [...pod.workload.podPath, "enableServiceLinks"]);
  return !(links !== false && SERVICE_LINK.test(name)) && ofContainer(wiring, layer, name) === undefined;
}

/** The variables of each Service of the namespace (Kubernetes, "Environment variables" of a Service). */
const SERVICE_LINK =
  /_SERVICE_HOST$|_SERVICE_PORT(?:_[A-Z0-9_]+)?$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_[A-Z]+)?)?$/;

function inConfig({ config }: HaproxyLayer, name: string, keyword: string): SetVariable | undefined {
  const line = config.sections
    .filter(({ kind }) => kind === "global")
    .flatMap((section) => linesOf(section, keyword, name))
    .at(-1);
  const value = line?.tokens[2]?.value;
  return line === undefined || value === undefined ? undefined : { value, at: placeOf(config, line) };
}

type Found = SetVariable | "unknown" | undefined;

/** `env` wins over `envFrom`, and later entries over earlier ones (Kubernetes API, Container v1). */
function ofContainer(wiring: Wiring, { runBy }: HaproxyLayer, name: string): Found {
  if (runBy === undefined) return undefined;
  const { object } = runBy.workload;
  const entries = (field: string) => {
    const path = [...runBy.container.path, field];
    return listAt(object.data, path)
      .map((_, index) => [...path, index])
      .toReversed();
  };
  const own = entries("env").find((path) => valueAt(object.data, [...path, "name"]) === name);
  if (own !== undefined) return ofEntry(wiring, object, own);
  for (const path of entries("envFrom")) {
    const prefix = String(valueAt(object.data, [...path, "prefix"]) ?? "");
    if (!name.startsWith(prefix)) continue;
    const found = ofSource(wiring, object, [...path], name.slice(prefix.length));
    if (found !== undefined) return found;
  }
  return undefined;
}

type Path = readonly (string | number)[];

function ofEntry(wiring: Wiring, object: KubernetesObject, path: Path): Found {
  if (valueAt(object.data, [...path, "valueFrom"]) === undefined)
    return {
      value: String(valueAt(object.data, [...path, "value"]) ?? ""),
      at: object.place([...path, "value"]),
    };
  for (const [kind, field] of [
    ["Secret", "secretKeyRef"],
    ["ConfigMap", "configMapKeyRef"],
  ] as const) {
    const reference = valueAt(object.data, [...path, "valueFrom", field]);
    const key = valueAt(reference, ["key"]);
    if (reference !== undefined) return valueIn(wiring, object, kind, reference, String(key)) ?? "unknown";
  }
  return "unknown";
}

function ofSource(wiring: Wiring, object: KubernetesObject, path: Path, key: string): Found {
  for (const [kind, field] of [
    ["Secret", "secretRef"],
    ["ConfigMap", "configMapRef"],
  ] as const) {
    const reference = valueAt(object.data, [...path, field]);
    if (reference === undefined) continue;
    return objectOf(wiring, object, kind, reference) === undefined
      ? "unknown"
      : valueIn(wiring, object, kind, reference, key);
  }
  return "unknown";
}

function objectOf(wiring: Wiring, { namespace }: KubernetesObject, kind: string, reference: unknown) {
  const name = valueAt(reference, ["name"]);
  return wiring.objects.find((one) => one.kind === kind && one.name === name && one.namespace === namespace);
}

function valueIn(
  wiring: Wiring,
  user: KubernetesObject,
  kind: "Secret" | "ConfigMap",
  reference: unknown,
  key: string,
): SetVariable | undefined {
  const object = objectOf(wiring, user, kind, reference);
  const text = valueAt(object?.data, ["stringData", key]);
  if (typeof text === "string") return { value: text, at: object?.place(["stringData", key]) };
  const data = valueAt(object?.data, ["data", key]);
  if (typeof data !== "string") return undefined;
  const value = kind === "Secret" ? Buffer.from(data, "base64").toString() : data;
  return { value, at: object?.place(["data", key]) };
}

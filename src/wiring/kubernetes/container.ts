// A container: its image and command, ports, probes, limits, and its mounts.

import { isRecord, type Path, valueAt } from "../../source/data.ts";
import { isPlaceholder } from "../placeholder.ts";
import type { Container, ContainerPort, ContainerVariable, LeftOut, Mount, Workload } from "../wiring.ts";
import type { Written } from "../written.ts";
import { type Fields, titleOf } from "./fields.ts";
import { readProbe } from "./probe.ts";
import { readQuantity } from "./quantity.ts";

/** `podPath`: of the pod's spec, whose security context applies where the container's own has no value. */
export function readContainer(fields: Fields, path: Path, podPath: Path, leftOut: LeftOut[]): Container {
  const at = (...below: Path): Path => [...path, ...below];
  const security = <T>(read: (path: Path) => T | undefined, name: string): T | undefined =>
    read(at("securityContext", name)) ?? read([...podPath, "securityContext", name]);
  return {
    name: fields.text(at("name"))?.value ?? "",
    image: fields.text(at("image")),
    command: wordsOf(fields, at("command")),
    args: wordsOf(fields, at("args")),
    ports: fields.items(at("ports")).flatMap((port) => portOf(fields, port, leftOut) ?? []),
    probes: {
      readiness: readProbe(fields, at("readinessProbe")),
      liveness: readProbe(fields, at("livenessProbe")),
      startup: readProbe(fields, at("startupProbe")),
    },
    memoryLimitBytes: bytesOf(fields, at("resources", "limits", "memory"), leftOut),
    memoryRequestBytes: bytesOf(fields, at("resources", "requests", "memory"), leftOut),
    runAsUser: security(fields.number, "runAsUser"),
    runAsNonRoot: security(fields.flag, "runAsNonRoot"),
    preStop: preStopOf(fields, at("lifecycle", "preStop")),
    mounts: fields.items(at("volumeMounts")).flatMap((mount) => mountOf(fields, mount) ?? []),
    env: new Map(fields.items(at("env")).flatMap((variable) => variablesOf(fields, variable))),
    path,
    at: fields.at(at("name")),
  };
}

function wordsOf(fields: Fields, path: Path): Written<readonly string[]> | undefined {
  if (!fields.has(path)) return undefined;
  const words = fields.items(path).map((word) => fields.text(word)?.value ?? "");
  return { value: words, at: fields.at(path) };
}

function portOf(fields: Fields, path: Path, leftOut: LeftOut[]): ContainerPort | undefined {
  const port = fields.number([...path, "containerPort"]);
  if (port === undefined) {
    if (fields.isOpen([...path, "containerPort"])) return undefined;
    leftOut.push({
      what: `a container's port of ${titleOf(fields.object)} has no number`,
      why: "The API server refuses it; this port is not followed.",
      severity: "error",
      at: fields.at(path),
    });
    return undefined;
  }
  const hostPort = fields.number([...path, "hostPort"]);
  return {
    name: fields.text([...path, "name"])?.value,
    port,
    hostPort: hostPort === undefined || hostPort.value === 0 ? undefined : hostPort,
    at: fields.at(path),
  };
}

/** Whether a placeholder takes the place of a port, or of its name: the containers may have any port. */
export function hasOpenPorts({ object, containers }: Pick<Workload, "object" | "containers">): boolean {
  return containers.some(({ path }) => {
    const ports = valueAt(object.data, [...path, "ports"]);
    return (
      Array.isArray(ports) &&
      ports.some((port) => isRecord(port) && (isPlaceholder(port.name) || isPlaceholder(port.containerPort)))
    );
  });
}

function bytesOf(fields: Fields, path: Path, leftOut: LeftOut[]): Written<number> | undefined {
  if (!fields.has(path) || fields.isOpen(path)) return undefined;
  const raw = fields.raw(path);
  const bytes = typeof raw === "number" || typeof raw === "string" ? readQuantity(String(raw)) : undefined;
  const at = fields.at(path);
  if (bytes !== undefined) return { value: bytes, at };
  leftOut.push({
    what: `${JSON.stringify(raw)} is not a quantity of memory`,
    why: `The API server refuses ${titleOf(fields.object)}; the value is not taken into account.`,
    severity: "error",
    at,
  });
  return undefined;
}

/** The seconds are known for `sleep: {seconds}` and for a command that starts with `sleep N`. */
function preStopOf(fields: Fields, path: Path): Container["preStop"] {
  if (!fields.has(path)) return undefined;
  const at = fields.object.place(path, { key: true }) ?? fields.at(path);
  const slept = fields.number([...path, "sleep", "seconds"]);
  if (slept !== undefined) return { value: slept.value, at };
  const words = wordsOf(fields, [...path, "exec", "command"])?.value.join(" ") ?? "";
  const found = /(?:^|[\s;&/])sleep (\d+(?:\.\d+)?)(?:s\b|\s|;|&|$)/.exec(words)?.[1];
  return found === undefined ? { unknown: "it is not a sleep", at } : { value: Number(found), at };
}

function variablesOf(
  fields: Fields,
  path: Path,
): readonly (readonly [string, ContainerVariable | undefined])[] {
  const name = fields.raw([...path, "name"]);
  if (typeof name !== "string") return [];
  const secret = fields.raw([...path, "valueFrom", "secretKeyRef", "name"]);
  const key = fields.raw([...path, "valueFrom", "secretKeyRef", "key"]);
  if (typeof secret === "string" && typeof key === "string") return [[name, { secret, key }]];
  if (fields.has([...path, "valueFrom"])) return [[name, undefined]];
  return [[name, { value: String(fields.raw([...path, "value"]) ?? "") }]];
}

function mountOf(fields: Fields, path: Path): Mount | undefined {
  const volume = fields.text([...path, "name"]);
  const mountPath = fields.text([...path, "mountPath"]);
  if (volume === undefined || mountPath === undefined) return undefined;
  const subPath = fields.raw([...path, "subPath"]);
  return {
    volume: volume.value,
    path: mountPath.value,
    subPath: typeof subPath === "string" ? subPath.replace(/\/$/, "") : undefined,
    variable: fields.has([...path, "subPathExpr"]),
    readOnly: fields.raw([...path, "readOnly"]) === true,
    at: fields.at(path),
  };
}

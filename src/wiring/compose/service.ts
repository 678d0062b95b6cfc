// A Compose service as a workload with one container: a published port is a host port of the container.
import { posix } from "node:path";
import { isRecord, listAt } from "../../source/data.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { isPlaceholder } from "../placeholder.ts";
import type { Container, ContainerVariable, KubernetesObject, Workload } from "../wiring.ts";
import type { Written } from "../written.ts";
import { mountsOf } from "./mounts.ts";
import { exposedIn, portsOf } from "./ports.ts";
import { type ComposeMap, pairsOf, wordsOf } from "./values.ts";
import type { ComposeNetwork, ComposeProject } from "./wiring.ts";

export interface ServiceParts {
  readonly name: string;
  readonly service: ComposeMap;
  /** The top level of the file. */
  readonly root: ComposeMap;
  readonly project: ComposeProject;
  readonly files: readonly SourceFile[];
}

export function workloadOf({ name, service, root, project, files }: ServiceParts): Workload {
  const at = service.at();
  const folder = posix.dirname(project.file);
  const mode = textOf(service.get("network_mode"));
  const [ports, exposed] = [portsOf(service), exposedIn(service)];
  const { mounts, volumes, bound } = mountsOf(service, root, { folder, files });
  const object: KubernetesObject = {
    apiVersion: "compose",
    kind: "service",
    namespace: "default",
    name,
    data: { container: containerData(service), volumes, enableServiceLinks: false },
    place: () => undefined,
    at,
  };
  return {
    object,
    kind: "service",
    name,
    namespace: "default",
    labels: {},
    containers: [{ ...containerOf(name, service), ports, mounts, bound }],
    initContainers: [],
    hostNetwork: mode === "host",
    // compose-spec, `stop_grace_period`.
    gracePeriodS: { value: 10 },
    volumes: [],
    podPath: [],
    compose: {
      name,
      project,
      networkMode: mode,
      networks: mode === undefined ? networksOf(name, service, root) : [],
      hosts: new Set(
        [...pairsOf(service.get("extra_hosts"), hostSeparator(service)), ...linksOf(service)].map(([host]) =>
          host.toLowerCase(),
        ),
      ),
      exposes: exposed.length > 0,
      listed: [...exposed, ...ports.map(({ port }) => port)],
      dockerfile: dockerfileOf(service, folder),
      at,
    },
    at,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A list has entries with `=`, or with a colon in the older form. */
function hostSeparator(service: ComposeMap): string {
  return service.list("extra_hosts").every((one) => String(one).includes("=")) ? "=" : ":";
}

/** Aliases that differ from the service's name: `SERVICE:ALIAS`. */
function linksOf(service: ComposeMap): readonly (readonly [string, string])[] {
  return ["links", "external_links"].flatMap((field) =>
    service.list(field).flatMap((link) => {
      const [to = "", alias] = String(link).split(":");
      if (alias !== undefined) return [[alias, to] as const];
      return field === "external_links" ? [[to, to] as const] : [];
    }),
  );
}

function networksOf(name: string, service: ComposeMap, root: ComposeMap): readonly ComposeNetwork[] {
  const own = service.get("networks");
  const listed = isRecord(own) ? Object.keys(own) : service.list("networks").map(String);
  const container = textOf(service.get("container_name"));
  return (listed.length === 0 ? ["default"] : listed).map((network) => {
    const declared = root.map("networks").map(network);
    const settings = isRecord(own) ? own[network] : undefined;
    const aliases = listAt(settings, ["aliases"]).map(String);
    const names = [name, ...aliases, ...(container === undefined ? [] : [container])];
    return {
      name: network,
      external: declared.get("external") === true || isRecord(declared.get("external")),
      names: new Set(names.map((one) => one.toLowerCase())),
    };
  });
}

/** compose-spec, build.md: `build: CONTEXT`, or `context` and `dockerfile`, which is relative to the context. */
function dockerfileOf(service: ComposeMap, folder: string): string | undefined {
  const build = service.get("build");
  const context = isRecord(build) ? (textOf(build.context) ?? ".") : textOf(build);
  if (context === undefined || context.includes("://")) return undefined;
  const file = isRecord(build) ? textOf(build.dockerfile) : undefined;
  return posix.join(folder, context, file ?? "Dockerfile");
}

function containerOf(name: string, service: ComposeMap): Omit<Container, "ports" | "mounts"> {
  const [entrypoint, command] = ["entrypoint", "command"].map(
    (field): Written<readonly string[]> | undefined => {
      const words = wordsOf(service.get(field));
      return words && { value: words, at: service.at(field) };
    },
  );
  const image = textOf(service.get("image"));
  const user = /^(\d+|root)(?::|$)/.exec(String(service.get("user") ?? ""))?.[1];
  return {
    name,
    image:
      image === undefined || isPlaceholder(image) ? undefined : { value: image, at: service.at("image") },
    command: entrypoint,
    args: command,
    probes: {},
    runAsUser:
      user === undefined ? undefined : { value: user === "root" ? 0 : Number(user), at: service.at("user") },
    env: new Map(
      pairsOf(service.get("environment")).map(([key, value]): [string, ContainerVariable | undefined] => [
        key,
        value === undefined || isPlaceholder(value) ? undefined : { value },
      ]),
    ),
    path: ["container"],
    at: service.at(),
  };
}

/** In the form of a pod's container, for rules about its user, capabilities and environment. */
function containerData(service: ComposeMap): Readonly<Record<string, unknown>> {
  const hardened = service
    .list("security_opt")
    .some((one) => /^no-new-privileges(?:[:=]true)?$/.test(String(one)));
  return {
    securityContext: {
      capabilities: { add: service.list("cap_add"), drop: service.list("cap_drop") },
      privileged: service.get("privileged") === true,
      readOnlyRootFilesystem: service.get("read_only") === true,
      ...(hardened && { allowPrivilegeEscalation: false }),
    },
    env: pairsOf(service.get("environment")).map(([name, value]) =>
      value === undefined || isPlaceholder(value) ? { name, valueFrom: {} } : { name, value },
    ),
    envFrom: service.get("env_file") === undefined ? [] : [{ configMapRef: { name: "env_file" } }],
  };
}

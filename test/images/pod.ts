// Runs the container of a pod with podman, as the kubelet and its runtime run it: volumes, user, capabilities and limits.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { configMapsOf, type EdgeOfOnePod, type PodVolume } from "../check/layers/container/edges.ts";
import { ownLimits, podman } from "./container.ts";

/** Like the official image, with a HAProxy that is mounted. */
const DOCKERFILE = `FROM docker.io/library/debian:trixie-slim
RUN groupadd --system --gid 99 haproxy && useradd --system --gid haproxy --uid 99 --home-dir /var/lib/haproxy haproxy && mkdir -p /var/lib/haproxy /usr/local/etc/haproxy/errors && chown haproxy:haproxy /var/lib/haproxy
COPY --chmod=755 docker-entrypoint.sh /usr/local/bin/
STOPSIGNAL SIGUSR1
ENTRYPOINT ["docker-entrypoint.sh"]
USER haproxy
WORKDIR /var/lib/haproxy
CMD ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
`;

const ENTRYPOINT = `#!/bin/sh
case $1 in -*) set -- haproxy "$@" ;; esac
if [ "$1" = haproxy ]; then shift; set -- haproxy -W -db "$@"; fi
exec "$@"
`;

/** Builds the image, which needs no registry where the base is on this machine. */
export function buildHaproxyImage(): string {
  const folder = mkdtempSync(join(tmpdir(), "portico-image-"));
  try {
    writeFileSync(join(folder, "Dockerfile"), DOCKERFILE);
    writeFileSync(join(folder, "docker-entrypoint.sh"), ENTRYPOINT);
    const args = ["build", "--isolation", "chroot", "--quiet", "--tag", "portico-test-haproxy", folder];
    return execFileSync("buildah", args, { encoding: "utf8" }).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The worker logs this after it has bound its ports and dropped its privileges; a master reports success before that. */
const RUNS = "Server app/app is DOWN";

export interface RunOutcome {
  /** Whether HAProxy logged from its event loop; otherwise the container exited. */
  readonly started: boolean;
  readonly output: string;
}

/** Runs the container until HAProxy has started or the container has exited. */
export async function runPod(image: string, haproxy: Haproxy, edge: EdgeOfOnePod): Promise<RunOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "portico-pod-"));
  chmodSync(folder, 0o755);
  const arguments_ = podmanArguments(image, haproxy, edge, folder);
  const id = (await podman("create", ...arguments_)).split("\n").at(-1) ?? "";
  try {
    const child = spawn("podman", ["start", "--attach", id], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let started = false;
    const look = (chunk: Buffer): void => {
      output += chunk.toString();
      if (started || !output.includes(RUNS)) return;
      started = true;
      void podman("kill", "--signal", "SIGKILL", id).catch(() => undefined);
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    await Promise.all([text(child.stdout), text(child.stderr)]);
    return { started, output };
  } finally {
    await podman("rm", "--force", "--time", "0", id);
    rmSync(folder, { recursive: true, force: true });
  }
}

function podmanArguments(
  image: string,
  haproxy: Haproxy,
  edge: EdgeOfOnePod,
  folder: string,
): readonly string[] {
  const container = edge.container as ContainerFields;
  const installed = dirname(realpathSync(haproxy.path));
  const { runAsUser, runAsGroup, capabilities, readOnlyRootFilesystem } = container.securityContext ?? {};
  const { sysctls = [] } = (edge.pod as PodFields).securityContext ?? {};
  const [program, ...words] = container.command ?? [];
  return [
    ...["--network", "none", ...ownLimits()],
    ...["--volume", `${installed}:${installed}:ro`],
    ...["--volume", `${realpathSync(haproxy.path)}:/usr/local/sbin/haproxy:ro`],
    ...edge.mounts.flatMap(({ name, mountPath, subPath }) => {
      const volume = edge.volumes.find((one) => one.name === name);
      if (volume === undefined) throw new RangeError(`there is no volume ${name}`);
      const content = contentOf(edge, volume, folder);
      const source = join(content, subPath ?? "");
      // The kubelet creates a folder for a subPath that the volume does not have.
      if (subPath !== undefined && !hasFile(edge, volume, subPath)) mkdirSync(source, { recursive: true });
      return ["--volume", `${source}:${mountPath}:${"emptyDir" in volume ? "rw" : "ro"}`];
    }),
    ...(runAsUser === undefined ? [] : ["--user", `${runAsUser}:${runAsGroup ?? runAsUser}`]),
    ...(capabilities?.drop ?? []).flatMap((name) => ["--cap-drop", name]),
    ...(capabilities?.add ?? []).flatMap((name) => ["--cap-add", name]),
    ...(readOnlyRootFilesystem === true ? ["--read-only", "--read-only-tmpfs=false"] : []),
    // The value of an old runtime.
    ...["--sysctl", "net.ipv4.ip_unprivileged_port_start=1024"],
    ...sysctls.flatMap(({ name, value }) => ["--sysctl", `${name}=${value}`]),
    ...variablesOf(edge, container).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...(program === undefined ? [] : ["--entrypoint", JSON.stringify([program, ...words])]),
    image,
    ...(container.args ?? []),
  ];
}

interface ContainerFields {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly securityContext?: {
    readonly runAsUser?: number;
    readonly runAsGroup?: number;
    readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
    readonly readOnlyRootFilesystem?: boolean;
  };
}

interface PodFields {
  readonly securityContext?: {
    readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
  };
}

function variablesOf(edge: EdgeOfOnePod, { env = [], envFrom = [] }: ContainerFields) {
  return [
    ...envFrom.flatMap(({ configMapRef }) => Object.entries(edge.configMaps[configMapRef.name] ?? {})),
    ...env.map(({ name, value }) => [name, value] as const),
  ];
}

function filesOf(edge: EdgeOfOnePod, volume: PodVolume): readonly (readonly [string, string])[] {
  if ("emptyDir" in volume) return [];
  const { items, ...source } = "configMap" in volume ? volume.configMap : volume.secret;
  const data = "name" in source ? configMapsOf(edge)[source.name] : edge.secrets[source.secretName];
  if (data === undefined) throw new RangeError(`the object of the volume ${volume.name} is not here`);
  return items === undefined
    ? Object.entries(data)
    : items.map(({ key, path }) => [path, data[key] ?? ""] as const);
}

function hasFile(edge: EdgeOfOnePod, volume: PodVolume, path: string): boolean {
  return filesOf(edge, volume).some(([name]) => name === path);
}

/** ConfigMaps and Secrets as the kubelet lays them out: links to a hidden folder. */
function contentOf(edge: EdgeOfOnePod, volume: PodVolume, folder: string): string {
  const content = mkdtempSync(join(folder, "volume-"));
  chmodSync(content, "emptyDir" in volume ? 0o1777 : 0o755);
  for (const [name, value] of filesOf(edge, volume))
    writeFileSync(join(content, name), value, { mode: 0o644 });
  return content;
}

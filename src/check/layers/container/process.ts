// The HAProxy process in its container: its command line, its user and its capabilities, as far as the files show.
import type { Position } from "../../../findings/finding.ts";
import { listAt, valueAt } from "../../../source/data.ts";
import { isHaproxyImage } from "../../../wiring/image-names.ts";
import type { HaproxyLayer, Wiring } from "../../../wiring/wiring.ts";
import { memoized } from "../memoized.ts";
import { type HaproxyPod, runningContainers } from "../pods.ts";
import { type ContainerImage, containerImage, uidOf } from "./image-content.ts";

/** A container of a pod, or an image that no pod of the folder runs. */
export interface HaproxyProcess {
  /** The configurations that it runs. */
  readonly haproxies: readonly HaproxyLayer[];
  readonly pod?: HaproxyPod | undefined;
  readonly image?: ContainerImage | undefined;
  /** undefined: not known, or another program runs first. */
  readonly command?: HaproxyCommand | undefined;
  /** undefined: not known. */
  readonly user?: { readonly uid: number; readonly at?: Position | undefined } | undefined;
}

export interface HaproxyCommand {
  /** Arguments of HAProxy. */
  readonly args: readonly string[];
  /** undefined: the image defines it. */
  readonly at?: Position | undefined;
}

export const haproxyProcesses = memoized((wiring: Wiring): readonly HaproxyProcess[] => {
  const pods = runningContainers(wiring);
  const ran = new Set(pods.flatMap(({ haproxies }) => haproxies));
  const alone = Map.groupBy(
    wiring.haproxies.filter((haproxy) => !ran.has(haproxy) && haproxy.image !== undefined),
    ({ image }) => image,
  );
  return [
    ...[...pods, ...unconfigured(wiring, pods)].map((pod) => processOf(pod.haproxies, pod)),
    ...[...alone.values()].map((haproxies) => processOf(haproxies, undefined)),
  ];
});

/** Containers of HAProxy's images that run no configuration of these files. */
function unconfigured({ workloads }: Wiring, pods: readonly HaproxyPod[]): readonly HaproxyPod[] {
  const known = new Set(pods.map(({ container }) => container));
  return workloads.flatMap((workload) =>
    workload.containers
      .filter((container) => !known.has(container) && isHaproxyImage(container.image?.value ?? ""))
      .map((container) => ({ workload, container, haproxies: [] })),
  );
}

function processOf(haproxies: readonly HaproxyLayer[], pod: HaproxyPod | undefined): HaproxyProcess {
  const image = containerImage(pod?.container.image, haproxies[0]?.image);
  return { haproxies, pod, image, command: commandOf(pod, image), user: userOf(pod, image) };
}

function userOf(pod: HaproxyPod | undefined, image: ContainerImage | undefined): HaproxyProcess["user"] {
  const own = pod?.container.runAsUser;
  if (own !== undefined) return { uid: own.value, at: own.at };
  if (image === undefined) return undefined;
  const written = image.build?.user;
  if (written === undefined) return { uid: image.facts.uid, at: image.at };
  const uid = uidOf(image, written.value.split(":")[0] ?? "");
  return uid === undefined ? undefined : { uid, at: written.at };
}

/** Kubernetes, "Define a command": `command` replaces the image's entrypoint and its command. */
function commandOf(
  pod: HaproxyPod | undefined,
  image: ContainerImage | undefined,
): HaproxyCommand | undefined {
  const { command, args } = pod?.container ?? {};
  const script = hasOfficialEntrypoint(image);
  if (command !== undefined)
    return haproxyIn([...command.value, ...(args?.value ?? [])], args?.at ?? command.at, script);
  if (image === undefined) return undefined;
  const { build, facts } = image;
  if (build?.entrypoint?.form === "shell" || (args === undefined && build?.command?.form === "shell"))
    return undefined;
  // An ENTRYPOINT resets the base's CMD (Dockerfile reference, ENTRYPOINT).
  const entrypoint = build?.entrypoint?.words ?? facts.entrypoint ?? [];
  const own = build?.command?.words ?? (build?.entrypoint === undefined ? facts.command : undefined) ?? [];
  const at = args?.at ?? build?.command?.at ?? build?.entrypoint?.at;
  return haproxyIn([...entrypoint, ...(args?.value ?? own)], at, script);
}

function hasOfficialEntrypoint(image: ContainerImage | undefined): boolean {
  if (image?.facts.entrypoint === undefined) return false;
  return !image.build?.copies.some(({ from, to }) => SCRIPT.test(from) || SCRIPT.test(to));
}

const SCRIPT = /(?:^|\/)docker-entrypoint\.sh$/;

/** docker-entrypoint.sh of HAProxy's images adds `-W -db`; arguments that begin with `-` are HAProxy's. */
function haproxyIn(
  words: readonly string[],
  at: Position | undefined,
  officialScript: boolean,
): HaproxyCommand | undefined {
  const [program = "", ...args] = words;
  if (/(?:^|\/)haproxy$/.test(program)) return { args, at };
  if (SCRIPT.test(program)) {
    if (!officialScript) return undefined;
    const own = args[0] === "haproxy" ? args.slice(1) : args;
    return own === args && !args[0]?.startsWith("-") ? undefined : { args: ["-W", "-db", ...own], at };
  }
  const passesOn = /(?:^|\/)(?:tini|dumb-init|exec)$/.test(program);
  return passesOn ? haproxyIn(args.slice(args[0] === "--" ? 1 : 0), at, officialScript) : undefined;
}

/** What follows when HAProxy exits at start: a phrase. */
export function afterExit({ pod }: HaproxyProcess): string {
  return pod === undefined || pod.workload.compose !== undefined
    ? "the container exits"
    : "no pod becomes ready";
}

/** The value after an option, as in `-f FILE`; several, in order. */
export function optionValues({ args }: HaproxyCommand, option: string): readonly string[] {
  // HAProxy reads only the first letter of `-f`: `-fdV FILE` (haproxy.c).
  const isOption = (word: string): boolean =>
    word === option || (option === "-f" && /^-f[A-Za-z]+$/.test(word));
  return args.flatMap((word, index) => (isOption(word) ? (args[index + 1] ?? []) : []));
}

/** Capabilities of root without a security context (Docker's default, which the container runtimes of Kubernetes share). */
const DEFAULT_CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID", "SYS_CHROOT"];

/**
 * Whether the process has a capability; undefined: not known. An added capability has an effect only for root: other users
 * would need it in the ambient set, which Kubernetes does not set, or on HAProxy's executable.
 */
export function hasCapability({ pod, user, image }: HaproxyProcess, name: string): boolean | undefined {
  if (user === undefined) return undefined;
  const security = pod && valueAt(pod.workload.object.data, [...pod.container.path, "securityContext"]);
  const lists = (field: string): boolean => {
    const names = listAt(security, ["capabilities", field]).map((one) =>
      String(one).toUpperCase().replace(/^CAP_/, ""),
    );
    return names.some((one) => one === name || one === "ALL");
  };
  const dropped = lists("drop") && !lists("add");
  if (user.uid === 0)
    return (
      valueAt(security, ["privileged"]) === true ||
      lists("add") ||
      (!dropped && DEFAULT_CAPABILITIES.includes(name))
    );
  // The capabilities of a file are limited to those of the container, and ignored without privilege escalation.
  if (dropped || valueAt(security, ["allowPrivilegeEscalation"]) === false) return false;
  return image === undefined || givesFileCapabilities(image) ? undefined : false;
}

function givesFileCapabilities({ build }: ContainerImage): boolean {
  return build?.changes.some(({ kind }) => kind === "capabilities") ?? false;
}

/** Where a pod's security context has a field, of the container or of the pod. */
export function capabilitiesPlace({ pod }: HaproxyProcess): Position | undefined {
  return pod?.workload.object.place([...pod.container.path, "securityContext", "capabilities"], {
    key: true,
  });
}

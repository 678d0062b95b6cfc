// path-not-writable: socket or file that HAProxy cannot create in its container.
import { posix } from "node:path";
import type { Position } from "../../findings/finding.ts";
import { capitalized } from "../../findings/sentence.ts";
import { valueAt } from "../../source/data.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { groupsOf } from "../groups.ts";
import { type ContainerFiles, containerFiles } from "../layers/container/container-files.ts";
import { lookIntoImage, writerOf } from "../layers/container/image-content.ts";
import {
  afterExit,
  type HaproxyProcess,
  haproxyProcesses,
  optionValues,
} from "../layers/container/process.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { globalLine } from "../layers/stop.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const pathNotWritable: Rule = {
  code: "path-not-writable",
  severity: "error",
  check: (wiring) => haproxyProcesses(wiring).flatMap((process) => findingsOf(wiring, process)),
};

/** Something that HAProxy creates at start. */
interface Created {
  readonly path: string;
  readonly at: Position | undefined;
}

interface Obstacle {
  readonly because: string;
  readonly at?: Position | undefined;
}

function findingsOf(wiring: Wiring, process: HaproxyProcess): readonly RuleFinding[] {
  const { pod } = process;
  // Without a pod, volumes may be mounted when the image is run.
  if (pod === undefined) return [];
  const files = containerFiles(wiring, process);
  const refused = createdBy(process).flatMap((created) => {
    const obstacle = obstacleTo(process, files, created.path);
    return obstacle === undefined ? [] : [{ ...created, obstacle }];
  });
  return groupsOf(refused, ({ obstacle }) => obstacle.because).map((group) => {
    const [{ obstacle, path }] = group;
    return {
      what: `HAProxy cannot create ${listOf([...new Set(group.map((one) => one.path))])}`,
      why: `${capitalized(obstacle.because)}. HAProxy exits at start, and ${afterExit(process)}.`,
      remedy: `Mount ${pod.workload.compose === undefined ? "an `emptyDir`" : "a `tmpfs`"} at \`${posix.dirname(path)}\`, or write a path in a folder that HAProxy may write to.`,
      at: [
        ...group.slice(0, 3).map(({ at }) => at),
        noted(obstacle.at ?? process.user?.at ?? pod.container.at, "the reason"),
      ],
      stops: process.haproxies,
    };
  });
}

function createdBy({ haproxies, command }: HaproxyProcess): readonly Created[] {
  const fromCommand = command === undefined ? [] : ["-p", "-S"].flatMap((one) => optionValues(command, one));
  return [
    ...haproxies.flatMap((layer) => [
      ...socketsOf(layer),
      ...pidFileOf(layer, command?.args),
      ...ringsOf(layer),
    ]),
    ...fromCommand.map((path) => ({ path: path.split(",")[0] ?? "", at: command?.at })),
  ].filter(({ path }) => path.startsWith("/") && !path.includes("$"));
}

function socketsOf({ wiring, config }: HaproxyLayer): readonly Created[] {
  // `unix-bind prefix` is written before each path.
  if (config.lines.some(({ tokens }) => tokens[0]?.value === "unix-bind")) return [];
  return wiring.binds.flatMap(({ address, line }) =>
    address.kind === "path" && address.path !== undefined && !line.conditional
      ? [{ path: address.path, at: address.at }]
      : [],
  );
}

/** HAProxy creates it as a daemon or with a master only. */
function pidFileOf(layer: HaproxyLayer, args: readonly string[] | undefined): readonly Created[] {
  const line = globalLine(layer, "pidfile");
  const path = line?.tokens[1]?.value;
  const creates =
    args?.some((word) => /^-(?:W|Ws|D|Ds)$/.test(word)) ||
    ["master-worker", "daemon"].some((keyword) => globalLine(layer, keyword) !== undefined);
  return line === undefined || path === undefined || line.conditional || creates !== true
    ? []
    : [{ path, at: placeOf(layer.config, line) }];
}

function ringsOf({ wiring, config }: HaproxyLayer): readonly Created[] {
  return wiring.files
    .filter(({ role, token }) => role === "ring" && config.lines[token.line - 1]?.conditional === false)
    .map(({ path, at }) => ({ path, at }));
}

function obstacleTo(
  { pod, image, user }: HaproxyProcess,
  files: ContainerFiles,
  written: string,
): Obstacle | undefined {
  const path = files.real(written);
  const folder = posix.dirname(path);
  const volume = files.mountOf(path);
  if (volume !== undefined) {
    const { mount, content } = volume;
    if (content.writable === "never")
      return { because: `${content.title} is mounted at ${volume.path}, and is read-only`, at: mount.at };
    if (mount.readOnly) return { because: `the volume at ${volume.path} is mounted read-only`, at: mount.at };
    const inside = files.at(folder);
    return inside.kind === "missing" && !content.more
      ? {
          because: `there is no folder ${folder}: ${content.title} is empty when the pod starts`,
          at: mount.at,
        }
      : undefined;
  }
  const readOnly = pod && ["securityContext", "readOnlyRootFilesystem"];
  const place = pod && readOnly && [...pod.container.path, ...readOnly];
  if (place && valueAt(pod.workload.object.data, place) === true)
    return {
      because: `the container's root file system is read-only, and no volume is mounted at ${folder}`,
      at: pod.workload.object.place(place),
    };
  if (image === undefined) return undefined;
  const found = lookIntoImage(image, folder);
  if (found === "missing") return { because: `${image.title} has no folder ${folder}`, at: image.at };
  const writer = found === "folder" ? writerOf(image, folder) : undefined;
  if (writer === undefined || writer === "anyone" || user === undefined) return undefined;
  return user.uid === 0 || user.uid === writer
    ? undefined
    : {
        because: `in ${image.title} only user ${writer} may write to ${folder}, and HAProxy runs as user ${user.uid}`,
      };
}

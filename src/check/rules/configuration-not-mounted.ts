// configuration-not-mounted: HAProxy's command reads a file that the container does not have.
import { posix } from "node:path";
import { capitalized } from "../../findings/sentence.ts";
import { looksLikeHaproxy } from "../../wiring/join/config-paths.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { type ContainerFiles, containerFiles } from "../layers/container/container-files.ts";
import {
  afterExit,
  type HaproxyCommand,
  type HaproxyProcess,
  haproxyProcesses,
  optionValues,
} from "../layers/container/process.ts";
import type { Rule, RuleFindings } from "../rule.ts";
import { noted } from "../wording.ts";

export const configurationNotMounted: Rule = {
  code: "configuration-not-mounted",
  severity: "error",
  check: (wiring) => haproxyProcesses(wiring).flatMap((process) => findingsOf(wiring, process)),
};

function findingsOf(wiring: Wiring, process: HaproxyProcess): RuleFindings {
  const { command, pod } = process;
  if (command === undefined || command.args.some((word) => /^-(?:c|C|v+)$/.test(word))) return [];
  const files = containerFiles(wiring, process);
  const read = configurationsOf(command);
  const elsewhere = whereItIs(files, process);
  // Without mounts, the files show a part of the pod; without a pod, the configuration may be mounted when the image is run.
  if (elsewhere === undefined && (pod === undefined || pod.container.mounts.length === 0)) return [];
  const container = noted(pod?.container.image?.at ?? pod?.container.at ?? process.image?.at, "its command");
  if (read.length === 0)
    return {
      what: "HAProxy's command names no configuration",
      why: `HAProxy prints its usage and exits: ${afterExit(process)}.`,
      remedy: `Write \`-f ${elsewhere?.path ?? "/usr/local/etc/haproxy/haproxy.cfg"}\` in the command.`,
      at: [command.at ?? container],
      stops: process.haproxies,
    };
  return read.flatMap((path) => {
    const because = whyMissing(files, path);
    if (because === undefined) return [];
    const folder = posix.dirname(path);
    return {
      what: `HAProxy reads \`${path}\`, and the container has no configuration there`,
      why: `${capitalized(because)}. HAProxy exits at start, and ${afterExit(process)}.`,
      remedy:
        elsewhere === undefined
          ? `Mount the configuration at \`${folder}\`, or name its path after \`-f\` in \`args\`.`
          : `Provide the configuration at \`${path}\`: it is at \`${elsewhere.path}\`. Or name that path after \`-f\` in the command.`,
      at: [
        noted(elsewhere?.at, "the configuration is here"),
        command.at === undefined ? container : noted(command.at, "HAProxy's command"),
      ],
      stops: process.haproxies,
    };
  });
}

/** Paths after `-f`, and everything after `--` (management guide, section 3). Relative paths depend on the working directory. */
function configurationsOf(command: HaproxyCommand): readonly string[] {
  const end = command.args.indexOf("--");
  return [...optionValues(command, "-f"), ...(end < 0 ? [] : command.args.slice(end + 1))];
}

function whyMissing(files: ContainerFiles, path: string): string | undefined {
  if (!path.startsWith("/") || path.includes("$")) return undefined;
  const found = files.at(path);
  if (found.kind === "missing") return found.because;
  // From a folder, HAProxy reads the files that end in .cfg.
  if (found.kind !== "folder" || found.files === undefined) return undefined;
  const named = [...found.files.keys()].some((name) => name.endsWith(".cfg") && !name.includes("/"));
  return named ? undefined : "it is a folder without a file that ends in `.cfg`";
}

/** Where the container has a configuration that HAProxy does not read. */
function whereItIs(files: ContainerFiles, { haproxies, pod, image }: HaproxyProcess) {
  for (const [path, { text, at }] of files.mounted())
    if (text !== undefined && looksLikeHaproxy(text))
      return { path, at: files.mountOf(path)?.mount.at ?? at };
  if (pod !== undefined) return undefined;
  const names = new Set(haproxies.map(({ config }) => posix.basename(config.file)));
  const copy = image?.build?.copies.findLast(({ from }) => names.has(posix.basename(from)));
  return copy && { path: copy.to, at: copy.at };
}

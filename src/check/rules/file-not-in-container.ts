// file-not-in-container: file that haproxy.cfg names and that the container does not have.
import { capitalized } from "../../findings/sentence.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { groupsOf } from "../groups.ts";
import { containerFiles, type Presence } from "../layers/container/container-files.ts";
import { isSystemTrust } from "../layers/container/image-facts.ts";
import { type OpenedFile, openedFiles } from "../layers/container/opened-files.ts";
import { afterExit, type HaproxyProcess, haproxyProcesses } from "../layers/container/process.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const fileNotInContainer: Rule = {
  code: "file-not-in-container",
  severity: "error",
  // In a description, file-not-mounted names the field of the file.
  writtenByHand: true,
  check: (wiring) => haproxyProcesses(wiring).flatMap((process) => findingsOf(wiring, process)),
};

type Missing = OpenedFile & Extract<Presence, { kind: "missing" }>;

function findingsOf(wiring: Wiring, process: HaproxyProcess): readonly RuleFinding[] {
  const { pod, haproxies, image, command } = process;
  // Without a pod, files may be mounted when the image is run.
  if (pod === undefined) return [];
  const files = containerFiles(wiring, process);
  // A program of the team's own image that runs before HAProxy may write files, except into volumes that are known.
  const mayWrite = command === undefined && image?.build !== undefined;
  const missing = haproxies.flatMap(openedFiles).flatMap((file): readonly Missing[] => {
    const found = files.at(file.path);
    if (found.kind === "missing") return mayWrite && found.at === undefined ? [] : [{ ...file, ...found }];
    if (file.role === "certificate" && found.kind === "folder" && found.files?.size === 0)
      return [{ ...file, kind: "missing", because: `${file.path} is an empty folder` }];
    const noKeyThere =
      found.kind === "unknown" &&
      image !== undefined &&
      image.build === undefined &&
      file.role === "certificate" &&
      isSystemTrust(file.path) &&
      files.mountOf(files.real(file.path)) === undefined;
    return noKeyThere
      ? [{ ...file, kind: "missing", because: `${image.title} has no certificate with a key there` }]
      : [];
  });
  return groupsOf(missing, ({ because }) => because).map((group) => {
    const [first] = group;
    const paths = [...new Set(group.map(({ path }) => path))];
    return {
      what: `the container does not have ${listOf(paths)}, which HAProxy opens at start`,
      why: `${capitalized(first.because)}. HAProxy exits at start, and ${afterExit(process)}.`,
      remedy: pod.workload.compose === undefined ? remedyFor(first) : boundTo(first),
      at: [
        ...group.slice(0, 5).map(({ reference }) => reference.at),
        noted(first.at ?? pod.container.at, first.at ? "the mount" : "the container"),
      ],
      stops: haproxies,
    };
  });
}

function boundTo({ path }: Missing): string {
  return `Mount the file in \`volumes\` of the service (\`./FILE:${path}:ro\`), or write the path at which the container has it.`;
}

function remedyFor({ role, path }: Missing): string {
  const folder = path.replace(/\/[^/]*$/, "") || "/";
  const source = role === "certificate" || role === "key" || role === "keys" ? "Secret" : "ConfigMap";
  return `Mount a ${source} with the file at \`${folder}\`, or write the path at which the container has it.`;
}

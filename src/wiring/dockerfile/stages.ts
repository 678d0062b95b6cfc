// The stages of a build, and the content of the last one's image.
import type { Position } from "../../findings/finding.ts";
import type { ImageBuild, ImageChange, ImageCommand, LeftOut } from "../wiring.ts";
import type { Known, Written } from "../written.ts";
import { assignments, expanded, resolved } from "./build-variables.ts";
import { changedByCommands, replacedBy } from "./copied-files.ts";
import { imageChanges } from "./image-changes.ts";
import { type DockerfileText, execWords, type ReadInstruction, runCommands } from "./instructions.ts";
import { packageChanges, packageName } from "./packages.ts";

/** An image as far as it is built. */
interface Stage {
  readonly name?: string | undefined;
  base: Known<string>;
  packages: Written<string>[];
  user?: Written<string> | undefined;
  stopSignal?: Written<string> | undefined;
  entrypoint?: ImageCommand | undefined;
  command?: ImageCommand | undefined;
  /** An ENTRYPOINT resets the base's CMD, but not one of its own stage. */
  ownCommand: boolean;
  copies: ImageBuild["copies"][number][];
  readonly changes: ImageChange[];
  exposed: Written<number>[];
  readonly env: Map<string, Written<string>>;
  variables: Map<string, string | undefined>;
  readonly at: Position;
}

interface Building {
  readonly file: DockerfileText;
  readonly stages: Stage[];
  /** ARGs before the first FROM, which only FROM sees, and ARGs of stages by their name. */
  readonly globals: Map<string, string | undefined>;
  readonly leftOut: LeftOut[];
}

export function readStages(file: DockerfileText): {
  image?: ImageBuild | undefined;
  leftOut: readonly LeftOut[];
} {
  const building: Building = { file, stages: [], globals: new Map(), leftOut: [] };
  for (const instruction of file.instructions) {
    if (instruction.keyword === "FROM") from(instruction, building);
    else if (building.stages.length === 0) beforeStages(instruction, building);
    else inStage(instruction, building);
  }
  const last = building.stages.at(-1);
  if (last === undefined) return { leftOut: building.leftOut };
  const { name, ownCommand, variables, ...image } = last;
  return { image: { file: file.places.file, ...image }, leftOut: building.leftOut };
}

function from(instruction: ReadInstruction, { stages, globals, leftOut }: Building): void {
  const [, written = "", name] = /^(\S+)(?:\s+as\s+(\S+))?/i.exec(instruction.content) ?? [];
  if (written === "") {
    leftOut.push({
      what: "FROM names no image",
      why: "what the image is built on is not known",
      severity: "error",
      at: instruction.at,
    });
  }
  const base: Known<string> =
    written === ""
      ? { unknown: "FROM names no image", at: instruction.at }
      : expanded(written, globals, instruction.argumentsAt);
  if ("unknown" in base && written !== "") {
    leftOut.push({
      what: `the base image is not known: ${base.unknown}`,
      why: "what the image has of its base is not known",
      severity: "note",
      at: instruction.argumentsAt,
    });
  }
  const parent = "value" in base ? stageNamed(base.value, stages) : undefined;
  stages.push({
    base: parent?.base ?? base,
    name: name?.toLowerCase(),
    packages: [...(parent?.packages ?? [])],
    user: parent?.user,
    stopSignal: parent?.stopSignal,
    entrypoint: parent?.entrypoint,
    command: parent?.command,
    ownCommand: false,
    copies: [...(parent?.copies ?? [])],
    changes: [...(parent?.changes ?? [])],
    exposed: [...(parent?.exposed ?? [])],
    env: new Map(parent?.env),
    variables: new Map(parent?.variables),
    at: instruction.at,
  });
}

function stageNamed(name: string, stages: readonly Stage[]): Stage | undefined {
  return stages.findLast((stage) => stage.name === name.toLowerCase());
}

function beforeStages(instruction: ReadInstruction, { globals, leftOut }: Building): void {
  if (instruction.keyword === "ARG") {
    for (const [name, value] of assignments(instruction.content, "ARG"))
      globals.set(name, resolved(value, globals));
    return;
  }
  leftOut.push({
    what: `${instruction.keyword} is before the first FROM`,
    why: "no image is built by it",
    severity: "error",
    at: instruction.at,
  });
}

/** Instructions without an effect on the wiring. */
const harmless = new Set(["LABEL", "MAINTAINER", "VOLUME", "WORKDIR", "HEALTHCHECK", "SHELL"]);

function inStage(instruction: ReadInstruction, building: Building): void {
  const stage = building.stages.at(-1);
  if (stage === undefined || harmless.has(instruction.keyword)) return;
  switch (instruction.keyword) {
    case "ARG":
      for (const [name, value] of assignments(instruction.content, "ARG")) {
        // Without a default of its own it has the one from before the first FROM.
        stage.variables.set(
          name,
          value === undefined ? building.globals.get(name) : resolved(value, stage.variables),
        );
      }
      break;
    case "ENV":
      setEnv(instruction, stage);
      break;
    case "RUN":
      run(instruction, stage, building);
      break;
    case "USER":
      stage.user = argumentOf(instruction, stage, building);
      break;
    case "STOPSIGNAL":
      stage.stopSignal = argumentOf(instruction, stage, building);
      break;
    case "ENTRYPOINT":
      stage.entrypoint = commandOf(instruction, building);
      if (!stage.ownCommand) stage.command = undefined;
      break;
    case "CMD":
      stage.command = commandOf(instruction, building);
      stage.ownCommand = true;
      break;
    case "COPY":
    case "ADD":
      copy(instruction, stage, building);
      break;
    case "EXPOSE":
      expose(instruction, stage, building);
      break;
    case "ONBUILD":
      building.leftOut.push({
        what: "ONBUILD is left out",
        why: "it runs only when another image is built on this one",
        severity: "note",
        at: instruction.at,
      });
      break;
    default:
      building.leftOut.push({
        what: `${shortened(instruction.keyword)} is not a Dockerfile instruction`,
        why: "the build fails here",
        severity: "error",
        at: instruction.at,
      });
  }
}

function setEnv(instruction: ReadInstruction, { variables, env }: Stage): void {
  for (const [name, written] of assignments(instruction.content, "ENV")) {
    const value = resolved(written, variables);
    variables.set(name, value);
    if (value === undefined) env.delete(name);
    else env.set(name, { value, at: instruction.at });
  }
}

function argumentOf(
  instruction: ReadInstruction,
  stage: Stage,
  { leftOut }: Building,
): Written<string> | undefined {
  const value = expanded(instruction.content, stage.variables, instruction.argumentsAt);
  if ("value" in value && value.value !== "") return { value: value.value, at: value.at };
  const why = "unknown" in value ? value.unknown : "it has no argument";
  leftOut.push({
    what: `${instruction.keyword} is left out: ${why}`,
    why: "what it sets is not known",
    severity: "unknown" in value ? "note" : "error",
    at: instruction.at,
  });
  return undefined;
}

function run(instruction: ReadInstruction, stage: Stage, { file, leftOut }: Building): void {
  const commands = runCommands(file, instruction);
  leftOut.push(...changedByCommands(commands, stage.copies, file));
  const user = stage.user?.value;
  for (const change of imageChanges(commands))
    stage.changes.push(change.kind === "folder" ? { ...change, user } : change);
  const { installed, removed } = packageChanges(commands);
  for (const word of installed) {
    const at = file.places.at(word.start, word.end);
    const name = expanded(word.text, stage.variables, at);
    if ("unknown" in name) {
      leftOut.push({
        what: `the package ${shortened(word.text)} is left out: ${name.unknown}`,
        why: "what it installs is not known",
        severity: "note",
        at,
      });
      continue;
    }
    // A variable may contain several names.
    for (const one of name.value.split(/\s+/)) {
      if (one !== "") stage.packages.push({ value: packageName(one), at });
    }
  }
  if (removed.length > 0) stage.packages = stage.packages.filter(({ value }) => !removed.includes(value));
}

function commandOf(instruction: ReadInstruction, { leftOut }: Building): ImageCommand {
  const words = execWords(instruction.content);
  if (words !== undefined) return { form: "exec", words, at: instruction.argumentsAt };
  if (instruction.content.startsWith("[")) {
    leftOut.push({
      what: `${instruction.keyword} starts like a list and is not JSON`,
      why: "docker passes it to a shell with its brackets, and the shell cannot run it",
      severity: "error",
      at: instruction.argumentsAt,
    });
  }
  return { form: "shell", words: [instruction.content], at: instruction.argumentsAt };
}

function copy(instruction: ReadInstruction, stage: Stage, { stages, leftOut }: Building): void {
  // The file's text follows the first line of `COPY <<EOF /path`.
  const [line = ""] = instruction.content.startsWith("<<")
    ? instruction.content.split("\n", 1)
    : [instruction.content];
  const words = execWords(line) ?? line.trim().split(/\s+/);
  const to = words.at(-1);
  const source = instruction.flags.find((flag) => flag.startsWith("--from="))?.slice("--from=".length);
  if (source !== undefined) {
    stage.changes.push(unknownAt(to, stage));
    const other = stageNamed(source, stages) ?? stages[/^\d+$/.test(source) ? Number(source) : -1];
    if (other !== undefined && other !== stage && to !== undefined)
      takeOver(other, words.slice(0, -1), to, stage);
    return;
  }
  if (to === undefined || words.length < 2) {
    leftOut.push({
      what: `${instruction.keyword} names no place to copy to`,
      why: "what it copies is not known",
      severity: "error",
      at: instruction.at,
    });
    return;
  }
  const target = expanded(to, stage.variables, instruction.at);
  if ("unknown" in target) {
    stage.changes.push(unknownAt(undefined, stage));
    leftOut.push({
      what: `${instruction.keyword} is left out: ${target.unknown}`,
      why: "where it copies to is not known",
      severity: "note",
      at: instruction.at,
    });
    return;
  }
  // `ADD https://…` fetches the file.
  if (/^(<<|[a-z+]+:\/\/)/.test(words[0] ?? "")) {
    leftOut.push(...replacedBy(target.value, stage.copies, instruction));
    stage.changes.push(unknownAt(to, stage));
    return;
  }
  for (const word of words.slice(0, -1)) {
    const path = expanded(word, stage.variables, instruction.at);
    const name = "value" in path ? (path.value.split("/").at(-1) ?? "") : "";
    // Only the build knows whether a name without a dot is a file or a folder: the place is then used as written.
    const into = target.value.endsWith("/") && name.includes(".");
    if ("value" in path)
      stage.copies.push({
        from: path.value,
        to: into ? target.value + name : target.value,
        at: instruction.argumentsAt,
      });
    else
      leftOut.push({
        what: `${instruction.keyword} is left out: ${path.unknown}`,
        why: "what it copies is not known",
        severity: "note",
        at: instruction.at,
      });
  }
}

/** A path that is relative to WORKDIR, or not known, may be any. */
function unknownAt(path: string | undefined, { variables }: Stage): ImageChange {
  const known = path === undefined ? undefined : resolved(path, variables);
  return { kind: "unknown", path: known?.startsWith("/") ? known : "/" };
}

/** What another stage has copied is in this one too, where its files are taken from there. */
function takeOver(other: Stage, sources: readonly string[], to: string, stage: Stage): void {
  for (const source of sources) {
    // A complete file system: the image consists of that stage.
    if (source === "/" && to === "/") stage.packages.push(...other.packages);
    const root = source.replace(/\/+$/, "");
    for (const copied of other.copies) {
      if (copied.to !== source && !copied.to.startsWith(`${root}/`)) continue;
      stage.copies.push({ ...copied, to: to.replace(/\/+$/, "") + copied.to.slice(root.length) });
    }
  }
}

function expose(instruction: ReadInstruction, stage: Stage, { leftOut }: Building): void {
  for (const word of instruction.content.split(/\s+/)) {
    const port = expanded(word, stage.variables, instruction.argumentsAt);
    const [, first, last] =
      ("value" in port ? /^(\d{1,5})(?:-(\d{1,5}))?(?:\/\w+)?$/.exec(port.value) : undefined) ?? [];
    if (first === undefined) {
      const why = "unknown" in port ? port.unknown : `${JSON.stringify(shortened(word))} is not a port`;
      leftOut.push({
        what: `EXPOSE is left out: ${why}`,
        why: "it is image metadata and opens no port",
        severity: "note",
        at: instruction.at,
      });
      continue;
    }
    const end = Math.min(Number(last ?? first), Number(first) + 1000);
    for (let number = Number(first); number <= end; number += 1)
      stage.exposed.push({ value: number, at: instruction.argumentsAt });
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

// Files that COPY adds to the image and that a later instruction may change: HAProxy then reads a different file than the folder's.
import { posix } from "node:path";
import type { ImageBuild, LeftOut } from "../wiring.ts";
import type { DockerfileText, ReadInstruction } from "./instructions.ts";
import type { ShellCommand } from "./shell-words.ts";

type Copies = readonly ImageBuild["copies"][number][];

/** Commands that do not change the content of a file. */
const HARMLESS = new Set(["chmod", "chown", "chgrp", "ls", "stat", "test", "[", "haproxy", "rsyslogd"]);

/** Of a RUN: each command that names a copied file, by its path or by its name alone. */
export function changedByCommands(
  commands: readonly ShellCommand[],
  copies: Copies,
  { places }: DockerfileText,
): readonly LeftOut[] {
  const names = new Set(copies.map(nameInImage).filter((name) => name.includes(".")));
  return commands.flatMap((command) => {
    if (HARMLESS.has(posix.basename(command[0]?.text ?? ""))) return [];
    const word = command.find(({ text }) => names.has(posix.basename(text.replace(/^.*[<>=]/, ""))));
    return word === undefined ? [] : [changed(posix.basename(word.text), places.at(word.start, word.end))];
  });
}

/** Of a COPY or ADD whose source is not a file of the folder (`<<EOF`, a URL): the copied file that it replaces. */
export function replacedBy(target: string, copies: Copies, { at }: ReadInstruction): readonly LeftOut[] {
  const replaced = copies.find((copied) => pathInImage(copied) === target);
  return replaced === undefined ? [] : [changed(nameInImage(replaced), at)];
}

function pathInImage({ from, to }: Copies[number]): string {
  return to.endsWith("/") ? posix.join(to, posix.basename(from)) : to;
}

function nameInImage(copied: Copies[number]): string {
  return posix.basename(pathInImage(copied));
}

function changed(name: string, at: LeftOut["at"]): LeftOut {
  return {
    what: `this instruction may change ${name}, which an earlier one copies into the image`,
    why: "the folder's file was examined, and the image may have a different one",
    severity: "note",
    at,
  };
}

// Dockerfile → the image it builds, as far as HAProxy and its signals are concerned.
import type { Position } from "../../findings/finding.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { type Places, placesOf } from "../../source/source-file.ts";
import type { ImageBuild, LeftOut } from "../wiring.ts";
import { type DockerfileText, instructionsOf } from "./instructions.ts";
import { readStages } from "./stages.ts";

export interface DockerfileReading {
  /** undefined: the file builds none. */
  readonly image?: ImageBuild | undefined;
  readonly leftOut: readonly LeftOut[];
}

/** Texts about Dockerfiles, templates of them, and programs: `Dockerfile.md`, `Dockerfile.j2`. */
export function isOtherDockerfile(name: string): boolean {
  return /^(?:dockerfile|containerfile).*\.(?:md|txt|rst|adoc|html|j2|jinja2?|erb|tpl|tmpl|template|in|sh|py|go|js|ts)$/i.test(
    name,
  );
}

/** Far above real Dockerfiles; the parser takes quadratic time. */
const largestCharacters = 256 * 1024;

/** Never throws for the content of the file. */
export function readDockerfile(file: SourceFile): DockerfileReading {
  const places = placesOf(file);
  const refused = refusal(places);
  if (refused !== undefined) return { leftOut: [refused] };
  const text = instructionsOf(places);
  const { image, leftOut } = readStages(text);
  const all = [...leftOut, ...cutOff(text)];
  if (image !== undefined) return { image, leftOut: all };
  return {
    image,
    leftOut: [
      ...all,
      nothingOf("has no FROM, so it builds no image", { file: file.file, line: 1, column: 1 }),
    ],
  };
}

function refusal(places: Places): LeftOut | undefined {
  if (places.text.length > largestCharacters) {
    return nothingOf("not read: larger than 256 KiB", { file: places.file, line: 1, column: 1 });
  }
  const strange = places.text.search(/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/);
  return strange === -1 ? undefined : nothingOf("not read: it is not text", places.at(strange, strange + 1));
}

function nothingOf(what: string, at: Position): LeftOut {
  return { what, why: "nothing of this file is read", severity: "error", at };
}

/** A file whose last line ends in a continuation. */
function cutOff({ places, escapeMark, instructions }: DockerfileText): readonly LeftOut[] {
  const last = instructions.at(-1);
  if (last === undefined) return [];
  const rest = places.text.slice(last.start, last.end).trimEnd();
  const heredoc = /<<-?["']?([A-Za-z_]\w*)["']?/.exec(last.content);
  const open =
    rest.endsWith(escapeMark) ||
    (/^(RUN|COPY|ADD)$/.test(last.keyword) &&
      heredoc !== null &&
      !new RegExp(`\\n\\t*${heredoc[1] ?? ""}\\s*$`).test(rest));
  if (!open) return [];
  const what = `the file ends in the middle of ${last.keyword}`;
  return [{ what, why: "the rest of the file is missing", severity: "error", at: last.at }];
}

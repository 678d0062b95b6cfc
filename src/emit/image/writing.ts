// How a Dockerfile is written: comments above instructions, long RUN lines broken at their commands.
import { BLANK, comment, explained, type Place, type PrintedLine, type Reason, separated } from "../file.ts";

export interface Instruction {
  /** Its reason; written above it. */
  readonly because: string | undefined;
  readonly at: Place;
  readonly lines: readonly string[];
}

export function instruction(reason: Reason | undefined, lines: readonly string[]): Instruction {
  return { ...explained(reason), lines };
}

/** Commands, each of which runs only if the previous ones have succeeded. */
export function run(reason: Reason | undefined, commands: readonly string[]): Instruction {
  return instruction(reason, [`RUN ${commands.join(" \\\n && ")}`]);
}

/** `about` is the first comment; two empty lines between stages, one between instructions. */
export function printDockerfile(
  about: readonly string[],
  stages: readonly (readonly Instruction[])[],
): readonly PrintedLine[] {
  const printed = stages.map((stage) => separated(stage.map(printInstruction)));
  return [...about.map((text) => ({ text: `# ${text}` })), BLANK, ...separated(printed, [BLANK, BLANK])];
}

/** One word for the shell, with any content. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function printInstruction({ because, at, lines }: Instruction): readonly PrintedLine[] {
  const above = because === undefined ? [] : comment(because, 118);
  return [...above, ...lines].map((text) => ({ text, at }));
}

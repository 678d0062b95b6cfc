// How a Dockerfile is written: comments above instructions, long RUN lines broken at their commands.

export interface Instruction {
  /** Why it is there; written above it. */
  readonly because?: string | undefined;
  readonly lines: readonly string[];
}

export function instruction(because: string | undefined, lines: readonly string[]): Instruction {
  return { because, lines };
}

/** Commands of which each runs only when those before it have succeeded. */
export function run(because: string | undefined, commands: readonly string[]): Instruction {
  return { because, lines: [`RUN ${commands.join(" \\\n && ")}`] };
}

/** `about` stands above all; two empty lines between stages, one between instructions. */
export function printDockerfile(
  about: readonly string[],
  stages: readonly (readonly Instruction[])[],
): string {
  const heading = about.map((text) => `# ${text}\n`).join("");
  return `${heading}\n${stages.map((stage) => stage.map(printInstruction).join("\n\n")).join("\n\n\n")}\n`;
}

/** One word for the shell, whatever it holds. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function printInstruction({ because, lines }: Instruction): string {
  const comment = because === undefined ? [] : wrap(because, 118).map((text) => `# ${text}`);
  return [...comment, ...lines].join("\n");
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

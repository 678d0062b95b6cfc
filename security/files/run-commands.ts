// Runs Portico's commands on each hostile file, as bin/portico does, and reports their output. Runs alone, under strace.
// Arguments: a folder for input and marks, the HAProxy to run, and the names of files.
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { CommandContext, CommandSpec, Given } from "../../src/cli/command.ts";
import { checkCommand } from "../../src/cli/commands/check.ts";
import { diffCommand } from "../../src/cli/commands/diff.ts";
import { explainCommand } from "../../src/cli/commands/explain.ts";
import { testCommand } from "../../src/cli/commands/test.ts";
import { EXPECTATIONS, type HostileFile, MANIFESTS } from "./hostile-file.ts";
import { HOSTILE_FILES } from "./hostile-files.ts";

/** What one command made of one file. */
export interface CommandOutput {
  /** As of `nameOf`. */
  readonly file: string;
  readonly command: string;
  /** null: the command threw. */
  readonly status: number | null;
  readonly text: string;
}

export const SECRET = "secret-of-the-environment";
export const CANARY = "secret-of-a-file";
export const USER_VALUE = "of the user";

/** Each with the commands that read its kind of input; `before` is called before each command. */
export async function runAll(
  files: readonly HostileFile[],
  folder: string,
  haproxy: string,
  before: (number: number, command: string) => void = () => undefined,
): Promise<readonly CommandOutput[]> {
  prepare(join(folder, "out"));
  const cwds = files.map((file, number) => write(file, folder, number));
  const outputs: CommandOutput[] = [];
  for (const [number, file] of files.entries()) {
    for (const [command, spec, given] of commandsFor(file, haproxy)) {
      before(number, command);
      outputs.push({ file: nameOf(file), command, ...(await runOne(spec, given, cwds[number] ?? folder)) });
    }
  }
  return outputs;
}

/** RFC 5737 and RFC 6761: nothing has this address, and nothing this name. */
const FAR = "192.0.2.77";
export const NAME = "lookup.invalid";

export function nameOf({ kind, name }: HostileFile): string {
  return `${kind}: ${name}`;
}

function prepare(out: string): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, "x.lua"),
    `io.open("${out}/marker", "w"):close()\ncore.register_action("act", {"http-req"}, function() end)\n`,
  );
  writeFileSync(join(out, "x.sh"), `#!/bin/sh\ntouch ${out}/marker\n`, { mode: 0o755 });
  writeFileSync(join(out, "x.so"), "no library");
  writeFileSync(join(out, "secret"), `${CANARY}\n`);
  writeFileSync(join(out, "kept"), USER_VALUE);
}

/** The folder of a file, with everything that belongs to it. */
function write({ input, text: written }: HostileFile, folder: string, number: number): string {
  const cwd = join(folder, `file-${number}`);
  mkdirSync(cwd);
  const text = written
    .replaceAll("@OUT@", join(folder, "out"))
    .replaceAll("@FAR@", FAR)
    .replaceAll("@NAME@", NAME);
  if (input === "description") {
    writeFileSync(join(cwd, "portico.yaml"), text);
    writeFileSync(
      join(cwd, "other.yaml"),
      text.replace("edge: shop\n", "edge: shop\ntimeouts: { server: 20s }\n"),
    );
    return cwd;
  }
  writeFileSync(join(cwd, "haproxy.cfg"), text);
  writeFileSync(join(cwd, "edge.yaml"), MANIFESTS);
  writeFileSync(join(cwd, "expect.yaml"), EXPECTATIONS);
  return cwd;
}

function commandsFor(
  { input }: HostileFile,
  haproxy: string,
): readonly (readonly [name: string, spec: CommandSpec, given: Given])[] {
  const given = (values: Readonly<Record<string, string>> = {}): Given => ({
    text: (name) => ({ haproxy, ...values })[name],
    list: () => [],
    flag: () => false,
  });
  if (input === "layers")
    return [
      ["check", checkCommand, given({ layers: "." })],
      ["test", testCommand, given({ layers: ".", expect: "expect.yaml" })],
    ];
  return [
    ["check", checkCommand, given()],
    ["test", testCommand, given()],
    ["explain", explainCommand, given({ method: "GET", url: "http://shop.example.com/" })],
    ["diff", diffCommand, given({ before: "portico.yaml", after: "other.yaml" })],
  ];
}

async function runOne(
  spec: CommandSpec,
  given: Given,
  cwd: string,
): Promise<Pick<CommandOutput, "status" | "text">> {
  const lines: string[] = [];
  const context: CommandContext = {
    cwd,
    env: { ...process.env, PORTICO_SECRET: SECRET },
    version: "0.0.0",
    print: (text) => lines.push(text),
    log: (text) => lines.push(text),
    terminal: { out: false, err: false },
    colour: { out: false, err: false },
    width: 200,
    onInterrupt: () => () => undefined,
  };
  try {
    return { status: await spec.run(context, given), text: lines.join("\n") };
  } catch (error) {
    const refused = error instanceof Error && error.name === "HaproxyFailure";
    return { status: refused ? 2 : null, text: [...lines, String(error)].join("\n") };
  }
}

if (process.argv[1] === import.meta.filename) {
  process.env.PORTICO_SECRET = SECRET;
  const [folder = "", haproxy = "", only = ""] = process.argv.slice(2);
  const files = HOSTILE_FILES.filter((file) => nameOf(file).includes(only));
  // Folders with these names are marks in the trace.
  const mark = (number: number, command: string) =>
    void mkdirSync(join(tmpdir(), `mark-${number}-${command}`));
  const outputs = await runAll(files, folder, haproxy, mark);
  mark(files.length, "end");
  writeFileSync(join(tmpdir(), "said.json"), JSON.stringify(outputs));
}

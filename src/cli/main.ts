#!/usr/bin/env node
// The command line: reads the arguments, passes the command its context, and ends with its exit status.
import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import process from "node:process";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { escaped } from "../findings/escapes.ts";
import { systemFailure, systemReason } from "../source/system-reason.ts";
import { CLEAR_SCREEN, type CommandContext, type CommandSpec, type Given } from "./command.ts";
import { checkCommand } from "./commands/check.ts";
import { deployCommand } from "./commands/deploy.ts";
import { diffCommand } from "./commands/diff.ts";
import { doctorDnsCommand } from "./commands/doctor.ts";
import { expectCommand } from "./commands/expect.ts";
import { explainCommand } from "./commands/explain.ts";
import { findCommand } from "./commands/find.ts";
import { findingCommand } from "./commands/finding.ts";
import { imageBuildCommand } from "./commands/image.ts";
import { initCommand } from "./commands/init.ts";
import { planCommand } from "./commands/plan.ts";
import { renderCommand } from "./commands/render.ts";
import { routesCommand } from "./commands/routes.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { testCommand } from "./commands/test.ts";
import { runCommand } from "./run-command.ts";

const COMMANDS: readonly CommandSpec[] = [
  initCommand,
  renderCommand,
  planCommand,
  checkCommand,
  findingCommand,
  testCommand,
  expectCommand,
  explainCommand,
  diffCommand,
  findCommand,
  routesCommand,
  imageBuildCommand,
  deployCommand,
  statusCommand,
  doctorDnsCommand,
];
/** What `npm start` runs in a checkout. */
const HIDDEN: readonly CommandSpec[] = [startCommand];

/** Summaries of commands with subcommands. */
const GROUPS: Readonly<Record<string, string>> = {
  doctor: "diagnose what slows down the edge and its clients",
  image: "build the container image",
};

// Modules are compiled once and cached for the next call (Node: module compile cache).
enableCompileCache();

const USAGE = 2;
const DEFECT = 3;
const INTERRUPTED = 130;

/** Failures whose message is one line. */
const OUTSIDE_WORLD: ReadonlySet<string> = new Set([
  "HaproxyFailure",
  "ClusterFailure",
  "TemporaryFolderFailure",
]);

const closers = new Set<() => Promise<void>>();
let interrupted = false;

process.on("SIGINT", () => void interrupt(INTERRUPTED));
process.on("SIGTERM", () => void interrupt(143));
// The terminal was closed, or its connection lost.
process.on("SIGHUP", () => void interrupt(129));
// An unhandled rejection is a defect; Node's own exit status would be 1.
process.on("unhandledRejection", endWithDefect);
process.on("uncaughtException", endWithDefect);
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that closes the pipe early (`portico plan | head`) is not a failure.
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`portico: standard output cannot be written: ${systemReason(error)}\n`);
  void interrupt(USAGE);
});
// A message that cannot be printed may explain the exit status: only a closed pipe is ignored.
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") void interrupt(USAGE);
});

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!interrupted) process.exitCode = report(error);
}

async function run(args: readonly string[]): Promise<number> {
  const context = openContext();
  let status = 0;
  const program = new Command("portico")
    .description(
      "Test, explain, compare and check the whole edge of a Kubernetes cluster, and render its files from one description.",
    )
    .version(context.version, "-V, --version")
    .helpCommand(false)
    .showHelpAfterError("(portico --help lists the commands)")
    .showSuggestionAfterError()
    .exitOverride();
  for (const spec of [...COMMANDS, ...HIDDEN]) {
    addCommand(program, spec, async (given) => {
      status = await runCommand(spec, context, given);
    });
  }
  program.addHelpText(
    "after",
    "\nThe description is portico.yaml or portico.config.ts in the working directory, or the named file.\nportico.config.ts is code: a command that reads it runs it with your permissions.\nExit status: 0 clean, 1 findings or failed expectations, 2 wrong usage, unreadable input or unwritable output, 3 internal error.",
  );
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 || args.length === 0 ? 0 : USAGE;
    throw error;
  }
  return status;
}

function addCommand(program: Command, spec: CommandSpec, action: (given: Given) => Promise<void>): void {
  const emptyAllowed = new Set<string>();
  const [first = "", second] = spec.name.split(" ");
  const command = (second === undefined ? program : groupOf(program, first))
    .command(second ?? first, { hidden: HIDDEN.includes(spec) })
    .description(spec.summary)
    .showHelpAfterError(`(portico ${spec.name} --help lists its arguments and options)`)
    .exitOverride();
  for (const argument of spec.arguments?.split(" ") ?? []) command.argument(argument);
  for (const { flags, about, choices, repeats, mayBeEmpty } of spec.options) {
    const option = new Option(flags, about);
    if (mayBeEmpty === true) emptyAllowed.add(option.attributeName());
    if (choices !== undefined) option.choices([...choices]);
    if (repeats === true)
      option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
    else if (option.required || option.optional) option.argParser(onlyOnce(option.parseArg));
    // Both name the format of the output.
    if (option.long === "--json") option.conflicts("format");
    command.addOption(option);
  }
  if (spec.examples.length > 0)
    command.addHelpText("after", `\n${spec.examples.map((example) => `  ${example}`).join("\n")}`);
  if (/\bdescription\b|\bbefore\b/.test(spec.arguments ?? ""))
    command.addHelpText("after", "\nportico.config.ts is code: this command runs it with your permissions.");
  command.action(async () => {
    const options = command.opts<Record<string, unknown>>();
    const named = new Map(
      command.registeredArguments.map((argument, index) => [
        argument.name(),
        command.processedArgs[index] as unknown,
      ]),
    );
    const value = (name: string) => named.get(name) ?? options[name];
    const given = [...named, ...Object.entries(options)];
    const empty = given.find(([name, one]) => !emptyAllowed.has(name) && [one].flat().includes(""));
    if (empty !== undefined) {
      const option = command.options.find((one) => one.attributeName() === empty[0]);
      command.error(
        `error: ${option?.long ?? `the argument '${empty[0]}'`} is empty: give it a value, or leave it out. An unset shell variable is a common cause.`,
      );
    }
    await action({
      text: (name) => {
        const one = value(name);
        return typeof one === "string" ? one : undefined;
      },
      list: (name) => {
        const all = value(name);
        return Array.isArray(all) ? (all as string[]) : [];
      },
      flag: (name) => options[name] === true,
    });
  });
}

/** Without it, the last of several values would silently replace the others. */
function onlyOnce(parse: Option["parseArg"]): (value: string, before: unknown) => unknown {
  return (value, before) => {
    if (before !== undefined) throw new InvalidArgumentError("The option is given twice.");
    return parse === undefined ? value : parse(value, undefined);
  };
}

/** The parent command of subcommands, made with the first of them. */
function groupOf(program: Command, name: string): Command {
  return (
    program.commands.find((command) => command.name() === name) ??
    program
      .command(name)
      .description(GROUPS[name] ?? "")
      .showHelpAfterError(`(portico ${name} --help lists its commands)`)
      .helpCommand(false)
  );
}

function openContext(): CommandContext {
  const { stdout, stderr, env } = process;
  const colours = (stream: { readonly isTTY?: boolean }) => {
    if (env.NO_COLOR) return false;
    if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
    return stream.isTTY === true && env.TERM !== "dumb";
  };
  const colour = { out: colours(stdout), err: colours(stderr) };
  return {
    cwd: process.cwd(),
    env,
    version: ownVersion(),
    print: (text) =>
      void stdout.write(text === CLEAR_SCREEN ? text : `${escaped(text, { colour: colour.out })}\n`),
    log: (text) => void stderr.write(`${escaped(text, { colour: colour.err })}\n`),
    terminal: { out: stdout.isTTY === true, err: stderr.isTTY === true },
    colour,
    width: Math.max(40, Math.min(stdout.columns ?? stderr.columns ?? 100, 120)),
    onInterrupt: (close) => {
      closers.add(close);
      return () => closers.delete(close);
    },
  };
}

function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

async function interrupt(status: number): Promise<void> {
  if (interrupted) process.exit(status);
  interrupted = true;
  await Promise.allSettled([...closers].map((close) => close()));
  process.exit(status);
}

function endWithDefect(error: unknown): void {
  if (!interrupted) void interrupt(reportDefect(error));
}

/** Exceptions are external failures, with their own message, or internal errors. */
function report(error: unknown): number {
  if (error instanceof Error && (OUTSIDE_WORLD.has(error.name) || "syscall" in error)) {
    process.stderr.write(`portico: ${escaped(systemFailure(error), { colour: false })}\n`);
    return USAGE;
  }
  return reportDefect(error);
}

function reportDefect(error: unknown): number {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `portico: internal error, please report it with the command that you ran:\n${escaped(what, { colour: false })}\n`,
  );
  return DEFECT;
}

// What a command is: metadata, arguments, and a handler that gets all its inputs and outputs as parameters.

export interface CommandOption {
  /** In commander's syntax: `-o, --out <dir>`. */
  readonly flags: string;
  readonly about: string;
  readonly choices?: readonly string[];
  /** Whether an empty value is allowed, as for a request's body. */
  readonly mayBeEmpty?: boolean;
  /** Repeatable. */
  readonly repeats?: boolean;
}

export interface CommandSpec {
  /** One or two words; the second one is a subcommand. */
  readonly name: string;
  /** In commander's syntax: `<method> <url> [description]`. */
  readonly arguments?: string;
  readonly summary: string;
  readonly options: readonly CommandOption[];
  /** Lines shown below the options in --help. */
  readonly examples: readonly string[];
  /** Returns the exit status: 0 clean, 1 findings or failed expectations, 2 wrong usage or unreadable input. */
  readonly run: (context: CommandContext, given: Given) => Promise<number>;
}

/** Values from the command line, by the argument's or long option's name in camel case. */
export interface Given {
  readonly text: (name: string) => string | undefined;
  readonly list: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
}

/** Printed unescaped; in all other output, control characters are escaped. */
export const CLEAR_SCREEN = "\u001b[2J\u001b[H";

/** Of stdout. */
export function screenOf({ colour, width }: CommandContext): {
  readonly colour: boolean;
  readonly width: number;
} {
  return { colour: colour.out, width };
}

/** The outside world, as commands see it. */
export interface CommandContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Results, to stdout. */
  readonly print: (text: string) => void;
  /** Findings and progress, to stderr. */
  readonly log: (text: string) => void;
  /** Whether stdout and stderr are terminals. */
  readonly terminal: { readonly out: boolean; readonly err: boolean };
  readonly colour: { readonly out: boolean; readonly err: boolean };
  /** Columns of the terminal; 100 without one. */
  readonly width: number;
  /** Called on Ctrl-C, before the exit with 130. Returns a function that removes the handler. */
  readonly onInterrupt: (close: () => Promise<void>) => () => void;
}

// What a command is: metadata, arguments, and a handler that gets everything it touches handed in.

export interface CommandOption {
  /** As commander reads it: `-o, --out <dir>`. */
  readonly flags: string;
  readonly about: string;
  readonly choices?: readonly string[];
  /** An empty value means something: a request's body. Elsewhere it is refused. */
  readonly mayBeEmpty?: boolean;
  /** May be given several times. */
  readonly repeats?: boolean;
}

export interface CommandSpec {
  /** One word, or two: the second is a command of the first. */
  readonly name: string;
  /** As commander reads them: `<method> <url> [description]`. */
  readonly arguments?: string;
  readonly summary: string;
  readonly options: readonly CommandOption[];
  /** Lines shown below the options in --help. */
  readonly examples: readonly string[];
  /** Gives the exit status: 0 clean, 1 findings or failed expectations, 2 wrong usage or an unreadable description. */
  readonly run: (context: CommandContext, given: Given) => Promise<number>;
}

/** What was given on the command line, by the argument's or long option's name in camel case. */
export interface Given {
  readonly text: (name: string) => string | undefined;
  readonly list: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
}

/** Printed as it is; in everything else that is printed, what a terminal acts on is escaped. */
export const CLEAR_SCREEN = "\u001b[2J\u001b[H";

/** The outside world, as commands see it. */
export interface CommandContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Results. */
  readonly print: (text: string) => void;
  /** Findings and progress. */
  readonly log: (text: string) => void;
  /** Whether a person reads stdout in a terminal, and stderr. */
  readonly terminal: { readonly out: boolean; readonly err: boolean };
  readonly colour: { readonly out: boolean; readonly err: boolean };
  /** Columns of the terminal; 100 where there is none. */
  readonly width: number;
  /** Called when the user ends the command (Ctrl-C), before it exits with 130. Returns how to forget it. */
  readonly onInterrupt: (close: () => Promise<void>) => () => void;
}

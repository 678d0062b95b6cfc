// Where lookups are measured: runs commands there.
import { execFile } from "node:child_process";

export interface CommandEnded {
  readonly stdout: string;
  /** 127: there is no such program. */
  readonly exitCode: number;
}

/** This machine, or a pod. */
export interface Place {
  /** Name in output: `this machine`, `pod doctor/portico-doctor-x7k2p`. */
  readonly name: string;
  /** Rejects only where no command can be run there. */
  readonly run: (command: readonly string[]) => Promise<CommandEnded>;
}

export function thisMachine(env: Readonly<Record<string, string | undefined>>): Place {
  return {
    name: "this machine",
    run: ([program = "", ...args]) =>
      new Promise((resolve) => {
        const child = execFile(program, args, { env, maxBuffer: 16 << 20 }, (error, stdout) => {
          const missing = error !== null && "code" in error && error.code === "ENOENT";
          resolve({ stdout, exitCode: missing ? 127 : (child.exitCode ?? 1) });
        });
      }),
  };
}

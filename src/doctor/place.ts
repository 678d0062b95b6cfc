// Where look-ups are measured: something that runs commands there.
import { execFile } from "node:child_process";

export interface CommandEnded {
  readonly stdout: string;
  /** 127: there is no such program. */
  readonly exitCode: number;
}

/** This machine, or a pod. */
export interface Place {
  /** As it is said to people: `this machine`, `pod doctor/portico-doctor-x7k2p`. */
  readonly name: string;
  /** Rejects only where nothing can be run there at all. */
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

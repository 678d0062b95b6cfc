// Runs a real HAProxy as a daemon, for tests without the lab.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RealHaproxy {
  stop(): Promise<void>;
}

/**
 * Starts HAProxy and resolves when it listens: as a daemon, its first process exits once the second one is bound.
 * `@FOLDER@` in the configuration is a folder with the given files. Throws with HAProxy's messages.
 */
export async function startHaproxy(
  binary: string,
  configuration: string,
  files: Readonly<Record<string, string>> = {},
): Promise<RealHaproxy> {
  const folder = await mkdtemp(join(tmpdir(), "portico-haproxy-"));
  const configurationFile = join(folder, "haproxy.cfg");
  const pidFile = join(folder, "pid");
  await Promise.all([
    writeFile(configurationFile, configuration.replaceAll("@FOLDER@", folder)),
    ...Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)),
  ]);
  const said = await run(binary, ["-D", "-f", configurationFile, "-p", pidFile]);
  if (said !== undefined) throw new Error(`${binary}: ${said}`);
  const pid = Number((await readFile(pidFile, "utf8")).trim());
  return {
    async stop() {
      process.kill(pid, "SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Its output when it did not exit with 0. Output goes to a file, not a pipe: the daemon would keep it open. */
function run(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.once("error", fail);
    child.once("exit", (code) => done(code === 0 ? undefined : said || `exit ${code}`));
  });
}

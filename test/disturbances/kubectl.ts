// kubectl on $KUBECONFIG's cluster, and programs in the network from which its nodes are reached.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Returns stdout; rejects with kubectl's own message. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run("kubectl", [...args], { maxBuffer: 1 << 26 });
  return stdout;
}

/** `kubectl … -f -` with objects as JSON or YAML documents. */
export function kubectlWith(input: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "kubectl",
      [...args, "-f", "-"],
      { maxBuffer: 1 << 26 },
      (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`kubectl ${args.join(" ")}: ${stderr}`)),
    );
    child.stdin?.end(input);
  });
}

/**
 * The folder of the test cluster's programs (`in`, `base`, `load`), which $PORTICO_TEST_CLUSTER names; undefined where the
 * cluster is another one (kind, k3d).
 */
export const CLUSTER_TOOLS = process.env.PORTICO_TEST_CLUSTER;

/** Runs a program where the nodes can be reached: in the test cluster's client namespace, or on this machine (kind, k3d). */
export function startNearNodes(command: string, args: readonly string[]): ChildProcess {
  const [program, all] =
    CLUSTER_TOOLS === undefined ? [command, args] : [join(CLUSTER_TOOLS, "in"), [command, ...args]];
  return spawn(program, [...all], { stdio: ["pipe", "pipe", "inherit"] });
}

/** The API server's process id on the test cluster; its parts are processes of this machine. */
export async function pidOf(part: string): Promise<number> {
  const { stdout } = await run("pgrep", ["-x", part]);
  const [pid] = stdout.trim().split("\n");
  return Number(pid);
}

export async function nodeAddresses(): Promise<readonly string[]> {
  const text = await kubectl(
    "get",
    "nodes",
    "-o",
    'jsonpath={range .items[*]}{.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}',
  );
  return text.trim().split("\n");
}

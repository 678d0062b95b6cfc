// What the commands print about the files of an edge.
import type { Files } from "../check/layers/clean-edge.ts";
import { folderWith, portico } from "./portico.ts";

/** `error probe-fails what`: all that `check --layers` finds. */
export async function findingsOf(files: Files, folder = ""): Promise<readonly string[]> {
  const { stdout, stderr } = await portico(["check", "--layers", folder || ".", "--json"], {
    cwd: folderWith(files),
  });
  if (stdout === "") throw new Error(stderr);
  const { findings } = JSON.parse(stdout) as {
    findings: readonly { severity: string; code: string; what: string }[];
  };
  return findings.map(({ severity, code, what }) => `${severity} ${code} ${what}`);
}

/** What `test --layers` prints for requests; by default one that reaches the API. */
export async function testOf(
  files: Files,
  expectations = '- { get: "https://app.example.com/x", status: 200, backend: api }\n',
): Promise<{ readonly status: number | null; readonly stdout: string }> {
  const cwd = folderWith({ ...files, "expect.yaml": expectations });
  const { status, stdout, stderr } = await portico(["test", "--layers", ".", "--expect", "expect.yaml"], {
    cwd,
  });
  return { status, stdout: stdout + stderr };
}

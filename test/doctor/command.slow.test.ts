// The command: invalid input, and the text output.
import { describe, expect, test } from "vitest";
import { folderWith, portico } from "../cli/portico.ts";
import { networkOfTest } from "./fixtures/network.ts";

const NAME = "app.example.com";

describe("a failed measurement is reported without a stack trace", () => {
  test.each(["a b", "x..y", "-A;id", `${"a".repeat(254)}`])("the name %j", async (name) => {
    const { status, stdout, stderr } = await portico(["doctor", "dns", "--", name]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/is not a valid DNS name\n$/);
  });

  test("no cluster", async () => {
    const cwd = folderWith({ kubeconfig: "apiVersion: v1\nkind: Config\n" });
    const { status, stdout, stderr } = await portico(["doctor", "dns", "--namespace", "web"], {
      cwd,
      env: { KUBECONFIG: `${cwd}/kubeconfig`, HOME: cwd },
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("cluster-not-configured");
  });
});

test("the report: measurements, the name of the cause, and the lines that fix it", async (context) => {
  const network = await networkOfTest(context, "options timeout:1");
  await network.set({ [NAME]: { a: ["10.96.0.20"] } });
  await network.fail({ race: true });
  const { stdout, exitCode } = await network.run([
    `${import.meta.dirname}/../../bin/portico`,
    "doctor",
    "dns",
    NAME,
  ]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^C library {5}glibc 2\.\d+$/m);
  expect(stdout).toMatch(/^ {2}AAAA of both together +20 +20 +- +-$/m);
  expect(stdout).toMatch(/^dns-race {2}127\.0\.0\.1: 20 of 40 queries lost/m);
  for (const whose of ["the edge's pods", "clients' pods", "clients' images", "nodes"])
    expect(stdout).toMatch(new RegExp(`^  ${whose} \\(`, "m"));
  expect(stdout).toContain("\n        - { name: single-request-reopen }\n");
  expect(stdout).toMatch(/1 cause of slow lookups found in [\d.]+ s\n$/);
  expect(stdout.split("\n").filter((line) => line.length > 100 && !line.startsWith("    "))).toEqual([]);
});

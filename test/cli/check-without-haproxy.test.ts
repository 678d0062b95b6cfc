// portico check without a HAProxy reports the findings of its own rules, and machine-readable formats stay one document.
import { join } from "node:path";
import { expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

const UNWISE = `${DESCRIPTION.replace('web: { servers: ["10.0.0.7:8080"] }', 'web: { servers: ["10.0.0.7:8080", "10.0.0.9:8080"], health: false }')}`;

test.each(["text", "json", "sarif", "github"])("%s", async (format) => {
  const cwd = folderWith({ "portico.yaml": UNWISE });
  const { status, stdout, stderr } = await portico(["check", "--format", format], {
    cwd,
    env: { PORTICO_HAPROXY: join(cwd, "nowhere") },
  });
  expect(stdout).toContain("no-health-check");
  expect(format === "text" ? stderr : stdout).toContain("haproxy-missing");
  if (format !== "text") expect(stderr).toBe("");
  if (format === "json" || format === "sarif") expect(() => JSON.parse(stdout)).not.toThrow();
  expect(status).toBe(2);
});

// Containers of HAProxy start, or exit with HAProxy's message, as the findings about them report; on the oldest and the newest HAProxy.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { START_CASES } from "../check/layers/container/start-cases.ts";
import { findInstalledHaproxies } from "../haproxy/all-haproxies.ts";
import { buildHaproxyImage, runPod } from "./pod.ts";

const CASES = START_CASES.flatMap(({ container, ...one }) =>
  container === undefined ? [] : [{ ...one, container }],
);

let image = "";

beforeAll(() => {
  const setup = join(import.meta.dirname, "../../scripts/cluster-setup.mjs");
  execFileSync(process.execPath, [setup], { stdio: "inherit" });
  image = buildHaproxyImage();
});

// Each case runs on the oldest and the newest version: on the versions between them, containers behaved as on one of these.
const haproxies = await findInstalledHaproxies();
const oldestAndNewest = haproxies.filter((_, index) => index === 0 || index === haproxies.length - 1);

describe.each(oldestAndNewest)("HAProxy $version", (haproxy) => {
  const cases = CASES.filter(({ until = haproxy.branch }) => Number(haproxy.branch) <= Number(until));
  test.each(cases)("$name: $container", async ({ edge, container }) => {
    const { started, output } = await runPod(image, haproxy, edge);
    if (container !== "starts") expect(output).toMatch(container);
    expect(started, output).toBe(container === "starts");
  });
});

test("every rule about the start that a container can show is shown", () => {
  const shown = new Set(CASES.flatMap(({ code }) => code ?? []));
  expect([...shown].sort()).toEqual([
    "certificate-without-key",
    "configuration-not-mounted",
    "file-not-in-container",
    "low-port-not-permitted",
    "no-connection-limit",
    "path-not-writable",
    "privilege-missing",
    "too-few-file-descriptors",
    "variable-not-set",
  ]);
});

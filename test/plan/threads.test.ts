// Threads follow from the CPU that a pod requests, and not from the node's cores.
import { expect, test } from "vitest";
import { planned, site } from "../model/planned.ts";

const threads = (cpu: string | undefined, described?: number) =>
  planned({
    sites: site([{ to: "app" }]),
    ...(cpu === undefined ? {} : { kubernetes: { resources: { cpu } } }),
    ...(described === undefined ? {} : { haproxy: { threads: described } }),
  }).threads;

test.each([
  [undefined, 2],
  ["100m", 2],
  ["1001m", 3],
  ["1.5", 3],
  ["4", 8],
  ["64", 64],
])("a request of %s of CPU is %i threads", (cpu, expected) => {
  expect(threads(cpu).value).toBe(expected);
});

test("a described number is used, whatever the request", () => {
  expect(threads("4", 1)).toMatchObject({ value: 1, because: "described" });
});

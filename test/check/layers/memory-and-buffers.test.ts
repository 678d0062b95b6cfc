// memory-too-low uses the buffer size that haproxy.cfg sets, in rendered and hand-written lines.
import { expect, test } from "vitest";
import { memoryTooLow } from "../../../src/check/rules/memory-too-low.ts";
import { wiringOf } from "../../../src/lab/lab.ts";
import { planned, site } from "../../model/planned.ts";

const findings = async (raw: readonly string[]) => {
  const plan = planned({ sites: site([{ to: "app" }]), haproxy: { raw: [...raw] } });
  return [memoryTooLow.check(await wiringOf(plan))].flat();
};

test("buffers of 128 KiB need more than the memory limit allows", async () => {
  const [found, ...more] = await findings(["tune.bufsize 131072"]);
  expect(more).toEqual([]);
  expect(found?.what).toMatch(/^8100 connections can need 41\d\d MiB/);
});

test.each([[[]], [["tune.bufsize 16384"]], [["tune.bufsize 8192"]]])("%j is within it", async (raw) => {
  expect(await findings(raw)).toEqual([]);
});

// Loaded by `node --import` into a measured process: at its end writes its peak memory and CPU time to descriptor 3.
import { writeSync } from "node:fs";
import process from "node:process";

process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(3, JSON.stringify({ peakBytes: maxRSS * 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }));
});

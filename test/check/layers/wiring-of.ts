// Files of a test, read as layers.
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import type { Wiring } from "../../../src/wiring/wiring.ts";

export async function wiringOf(
  files: readonly { readonly file: string; readonly text: string }[],
): Promise<Wiring> {
  const haproxies = files
    .filter(({ file }) => file.endsWith(".cfg"))
    .map(({ file, text }) => {
      const config = parseHaproxyConfig(text, file);
      return {
        config,
        wiring: readHaproxyWiring(config),
        maps: new Map(),
        runBy: null,
        image: null,
        from: "file" as const,
      };
    });
  return {
    files: files.map((file) => ({ ...file, kind: "haproxy" as const })),
    loadBalancers: [],
    securityGroups: [],
    services: [],
    workloads: [],
    configMaps: [],
    networkPolicies: [],
    disruptionBudgets: [],
    objects: [],
    images: [],
    haproxies,
    ways: [],
    leftOut: [],
  };
}

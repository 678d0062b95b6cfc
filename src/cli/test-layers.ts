// portico test --layers: tests the layers of a folder with the expectations of a file.
import { basename } from "node:path";
import type { LayersLab } from "../lab/layers-lab.ts";
import type { InvariantPlan } from "../plan/query.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import type { CommandContext, Given } from "./command.ts";
import { type AskedCoverage, readCoverage } from "./coverage-options.ts";
import { expectationsIn } from "./expectations-of-layers.ts";
import { formatOf } from "./findings-output.ts";
import { showRefusal } from "./haproxy-refusal.ts";
import { layerToTest, wiringIn } from "./layers-to-test.ts";
import { trustOf } from "./trust.ts";
import { asDeployed, haproxyFor, withLayersLab } from "./with-lab.ts";

/** The exit status: 0 as expected, 1 not, 2 where the layers, the expectations or HAProxy cannot be used. */
export async function testLayers(
  context: CommandContext,
  given: Given,
  folder: string,
  file: string,
): Promise<number> {
  const wiring = await wiringIn(context, folder);
  const layer = await layerToTest(context, wiring, folder);
  if (layer === undefined) return 2;
  const expected = await expectationsIn(context, given, file, { wiring, layer, mayBeNew: false });
  if (expected === undefined) return 2;
  const { expectations } = expected;
  const invariants = await provenIn(context, folder, wiring, expected.invariants);
  if (invariants === "unreadable") return 2;
  const coverage = await coverageIn(context, given, folder, { wiring, layer });
  if (coverage === "unreadable") return 2;
  const haproxy = await haproxyFor(context, given);
  if (haproxy === undefined) return 2;
  const { splitUrl } = await import("../lab/send.ts");
  const deployed = await asDeployed(wiring, layer);
  const hosts = new Set([
    ...expectations.map(({ request }) => splitUrl(request.url).hostname.toLowerCase()),
    ...(invariants?.hosts ?? []),
  ]);
  const began = performance.now();
  const use = async (lab: LayersLab): Promise<number> => {
    const { testInLab } = await import("./test-in-lab.ts");
    const { quoted } = await import("./screens/expectation-text.ts");
    return testInLab(context, lab, {
      name: basename(folder),
      expectations,
      format: formatOf(given),
      haproxyVersion: haproxy.version,
      notRun: lab.leftOut,
      plan: undefined,
      explained: ` ${given.text("layers") === undefined ? "" : "--layers "}${quoted(folder)}`,
      began,
      invariants,
      coverage,
    });
  };
  try {
    return await withLayersLab(
      context,
      deployed.wiring,
      { haproxy, hosts: [...hosts], ...deployed.options, ...trustOf(given) },
      use,
    );
  } catch (error) {
    await showRefusal(context, given, error, { haproxy, layer, wiring });
    return 2;
  }
}

async function provenIn(
  context: CommandContext,
  folder: string,
  wiring: Wiring,
  invariants: readonly InvariantPlan[],
) {
  if (invariants.length === 0) return undefined;
  const { hostsOf, proveInvariants } = await import("./invariants.ts");
  const { spaceOfWiring } = await import("./space-input.ts");
  const input = await spaceOfWiring(context, folder, wiring);
  if (input === undefined) return "unreadable";
  const proven = await proveInvariants(input, invariants);
  return { input, proven, hosts: hostsOf(proven) };
}

async function coverageIn(
  context: CommandContext,
  given: Given,
  folder: string,
  { wiring, layer }: { readonly wiring: Wiring; readonly layer: HaproxyLayer },
): Promise<AskedCoverage | "unreadable" | undefined> {
  const options = readCoverage(given);
  if ("problem" in options || !options.isAsked) return undefined;
  const { spaceOfWiring } = await import("./space-input.ts");
  const { entrancesOfLayers } = await import("./locate-expectation.ts");
  const input = await spaceOfWiring(context, folder, wiring);
  if (input === undefined) return "unreadable";
  return { input, entrances: entrancesOfLayers(wiring, layer), failUnder: options.failUnder };
}

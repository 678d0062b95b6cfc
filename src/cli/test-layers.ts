// portico test --layers: tests the layers of a folder with the expectations of a file.
import { basename } from "node:path";
import type { LayersLab } from "../lab/layers-lab.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import type { CommandContext, Given } from "./command.ts";
import { formatOf, showFailure, showFindings } from "./findings-output.ts";
import { isHaproxyFailure, refusalOf } from "./haproxy-refusal.ts";
import { trustOf } from "./trust.ts";
import { haproxyFor, withLayersLab } from "./with-lab.ts";

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
  const expectations = await expectationsIn(context, given, file, wiring, layer);
  if (expectations === undefined) return 2;
  const haproxy = await haproxyFor(context, given);
  if (haproxy === undefined) return 2;
  const { splitUrl } = await import("../lab/send.ts");
  const hosts = new Set(expectations.map(({ request }) => splitUrl(request.url).hostname.toLowerCase()));
  const began = performance.now();
  const use = async (lab: LayersLab): Promise<number> => {
    const { testInLab } = await import("./test-in-lab.ts");
    return testInLab(context, lab, {
      name: basename(folder),
      expectations,
      format: formatOf(given),
      haproxyVersion: haproxy.version,
      notRun: lab.leftOut,
      plan: undefined,
      began,
    });
  };
  try {
    return await withLayersLab(context, wiring, { haproxy, hosts: [...hosts], ...trustOf(given) }, use);
  } catch (error) {
    if (!isHaproxyFailure(error)) throw error;
    await showFailure(context, given, await refusalOf(error, haproxy, layer.config), sourcesOf(wiring));
    return 2;
  }
}

/** Incomplete layers are tested, and what could not be read is reported. */
async function wiringIn(context: CommandContext, folder: string): Promise<Wiring> {
  const [{ readFolder }, { readWiring }] = await Promise.all([
    import("../wiring/read-folder.ts"),
    import("../wiring/read-wiring.ts"),
  ]);
  const { files, leftOut } = await readFolder(folder, { cwd: context.cwd });
  const wiring = await readWiring(files, leftOut);
  for (const { what, why, severity, at } of wiring.leftOut)
    if (severity === "error") context.log(`${at.file}:${at.line}: ${what}. ${why}`);
  return wiring;
}

/** undefined where there is no HAProxy to test. */
async function layerToTest(
  context: CommandContext,
  wiring: Wiring,
  folder: string,
): Promise<HaproxyLayer | undefined> {
  const { testedHaproxy } = await import("../lab/entrances.ts");
  const layer = testedHaproxy(wiring);
  const reported = wiring.files.length === 0 && wiring.leftOut.length > 0;
  if (layer === undefined && !reported)
    context.log(
      `portico: ${folder} has no HAProxy configuration: a file that ends in .cfg, or a ConfigMap's.`,
    );
  return layer;
}

/** undefined where they are invalid; the findings were shown. */
async function expectationsIn(
  context: CommandContext,
  given: Given,
  file: string,
  wiring: Wiring,
  layer: HaproxyLayer,
): Promise<readonly ExpectationPlan[] | undefined> {
  const [{ loadExpectations }, { planExpectations }, { openReports }, { poolOf }] = await Promise.all([
    import("../description/load-expectations.ts"),
    import("../plan/expectations.ts"),
    import("../plan/lowering.ts"),
    import("../wiring/haproxy/variants.ts"),
  ]);
  const loaded = await loadExpectations(file, context.cwd).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    context.log(`portico: ${file} does not exist. Name a YAML file with expectations.`);
  });
  if (loaded === undefined) return undefined;
  const { value, findings, sources } = loaded;
  if (value === undefined) {
    await showFailure(context, given, findings, sources);
    return undefined;
  }
  const { expectations, path, positionOf } = value;
  const reports = openReports(positionOf);
  const outside = wiring.trafficPaths.some(({ begins }) => begins !== "service");
  const inside = wiring.trafficPaths.some(({ begins }) => begins === "service");
  const plans = planExpectations(
    {
      ...reports,
      entrances: [...(outside ? ["public" as const] : []), ...(inside ? ["internal" as const] : [])],
      entranceRemedy: (entrance) =>
        entrance === "public"
          ? "Add the load balancer's Terraform to the layers, or write `through: internal`."
          : "Add a Service to the layers, or remove `through`.",
      backends: layer.wiring.proxies
        .filter(({ servers }) => servers.length > 0)
        .map(({ name }) => poolOf(layer.wiring, name)),
    },
    expectations,
    path,
  );
  if (reports.findings.some(({ severity }) => severity === "error")) {
    await showFailure(context, given, reports.findings, sources);
    return undefined;
  }
  await showFindings(context, reports.findings, sources);
  return plans.flatMap((plan) => withoutCertificate(context, plan) ?? []);
}

/** The lab's certificate has other names than the real one, which no layer says, so they are not compared. undefined: nothing else is expected. */
function withoutCertificate(context: CommandContext, plan: ExpectationPlan): ExpectationPlan | undefined {
  const { expected, at } = plan;
  if (expected.certificate.length === 0) return plan;
  const { certificate, seen, ...rest } = expected;
  const others = [...Object.values(rest), ...Object.values(seen)].some(
    (value) => value !== null && value !== false && !(Array.isArray(value) && value.length === 0),
  );
  const place = at === undefined ? "" : `${at.file}:${at.line}: `;
  context.log(
    `${place}the certificate ${certificate.join(" ")} is not compared: no layer has it, and the lab uses its own.${others ? "" : " Nothing else is expected, so the request is not sent."}`,
  );
  return others ? { ...plan, expected: { ...expected, certificate: [] } } : undefined;
}

function sourcesOf({ files }: Wiring): ReadonlyMap<string, string> {
  return new Map(files.map(({ file, text }) => [file, text]));
}

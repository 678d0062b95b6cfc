// The expectations of a file as requests to some layers: their entrances, frontends and backends.
import type { Finding } from "../findings/finding.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { ExpectationsAbout } from "../plan/expectations.ts";
import type { InvariantPlan } from "../plan/query.ts";
import type { Path } from "../source/data.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";
import type { CommandContext, Given } from "./command.ts";
import { showFailure, showFindings } from "./findings-output.ts";

export interface ExpectedOfLayers {
  readonly expectations: readonly ExpectationPlan[];
  readonly invariants: readonly InvariantPlan[];
  /** Where the list of expectations is in the file. */
  readonly path: Path;
}

export const NO_EXPECTATIONS: ExpectedOfLayers = { expectations: [], invariants: [], path: ["expect"] };

interface About {
  readonly wiring: Wiring;
  readonly layer: HaproxyLayer;
  /** A missing or empty file has no expectations; otherwise it is invalid. */
  readonly mayBeNew: boolean;
}

/** undefined where they are invalid; the findings were shown. */
export async function expectationsIn(
  context: CommandContext,
  given: Given,
  file: string,
  { wiring, layer, mayBeNew }: About,
): Promise<ExpectedOfLayers | undefined> {
  const { loadExpectations } = await import("../description/load-expectations.ts");
  const { planExpectations } = await import("../plan/expectations.ts");
  const { planInvariants } = await import("../plan/invariants.ts");
  const { openReports } = await import("../plan/lowering.ts");
  const { poolOf } = await import("../wiring/haproxy/variants.ts");
  const entrances = await import("../lab/bind-entrances.ts");
  const sending = await import("../lab/send.ts");
  const loaded = await loadExpectations(file, context.cwd).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    if (!mayBeNew) context.log(`portico: ${file} does not exist. Name a YAML file with expectations.`);
  });
  if (loaded === undefined) return mayBeNew ? NO_EXPECTATIONS : undefined;
  const { value, findings, sources } = loaded;
  if (value === undefined) {
    if (mayBeNew && findings.some(({ code }) => code === "description-empty")) return NO_EXPECTATIONS;
    await showFailure(context, given, findings, sources);
    return undefined;
  }
  const { expectations, invariants, path, positionOf } = value;
  const reports = openReports(positionOf);
  const frontends = entrances.frontendsOf(wiring);
  const about = {
    ...reports,
    ...entrancesOf(wiring, frontends),
    backends: layer.wiring.proxies
      .filter(({ servers }) => servers.length > 0)
      .map(({ name }) => poolOf(layer.wiring, name)),
  };
  const plans = planExpectations(about, expectations, path);
  const planned = planInvariants(about, invariants, ["invariants"]);
  const invalid = [
    ...reports.findings,
    ...plans.flatMap((plan) => ambiguous(plan, wiring, { ...entrances, ...sending })),
  ];
  if (invalid.some(({ severity }) => severity === "error")) {
    await showFailure(context, given, invalid, sources);
    return undefined;
  }
  await showFindings(context, invalid, sources);
  return {
    expectations: plans.flatMap((plan) => withoutCertificate(context, plan) ?? []),
    invariants: planned,
    path,
  };
}

/** Several frontends bind the port of the URL. */
function ambiguous(
  { request, at }: ExpectationPlan,
  { trafficPaths }: Wiring,
  { bindEntrance, splitUrl }: typeof import("../lab/bind-entrances.ts") & typeof import("../lab/send.ts"),
): readonly Finding[] {
  const paths = trafficPaths.filter(({ start }) => start === "bind");
  const found = bindEntrance(paths, splitUrl(request.url), request.frontend);
  if (!("frontends" in found) || found.frontends === undefined) return [];
  return [
    {
      code: "unknown-entrance",
      severity: "error",
      what: found.refused,
      why: "The URL does not decide where the request enters.",
      remedy: `Write \`through: ${found.frontends[0]}\`, or the address of the bind in the URL.`,
      at: at === undefined ? [] : [at],
    },
  ];
}

type Entrances = Pick<ExpectationsAbout, "entrances" | "entranceRemedy" | "frontends">;

function entrancesOf({ trafficPaths }: Wiring, frontends: readonly string[]): Entrances {
  if (frontends.length > 0)
    return {
      frontends,
      entrances: ["public"],
      entranceRemedy: () =>
        `Remove \`through\`, or name where the request enters: ${frontends.slice(0, 8).join(", ")}.`,
    };
  const outside = trafficPaths.some(({ start }) => start !== "service");
  const inside = trafficPaths.some(({ start }) => start === "service");
  return {
    entrances: [...(outside ? ["public" as const] : []), ...(inside ? ["internal" as const] : [])],
    entranceRemedy: (entrance) =>
      entrance === "public"
        ? "Add the load balancer's Terraform to the layers, or write `through: internal`."
        : "Add a Service to the layers, or remove `through`.",
  };
}

/** The lab's certificate has other names than the real one, which no layer contains, so they are not compared. undefined: nothing else is expected. */
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

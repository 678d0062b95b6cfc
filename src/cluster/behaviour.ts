// What a deploy changes for requests: the request of each expectation, sent to the edge that the cluster runs and to the new one.
import { emitCloud } from "../emit/cloud/emit-cloud.ts";
import type { Haproxy } from "../haproxy/find.ts";
import { HaproxyFailure } from "../haproxy/process.ts";
import { testedHaproxy } from "../lab/entrances.ts";
import { type ExpectationResult, runExpectations } from "../lab/expectation.ts";
import { knownOf, openLabOf } from "../lab/lab.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import type { NotRun } from "../lab/not-run.ts";
import { openLabOfLayers } from "../lab/open-layers-lab.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { Plan } from "../plan/plan.ts";
import { secretsOf } from "../plan/secrets.ts";
import { printHaproxyConfig } from "../wiring/haproxy/config.ts";
import type { HaproxyLayer } from "../wiring/wiring.ts";
import { deployedWiring, externalAsExpected } from "./deployed-wiring.ts";
import type { KubernetesObject } from "./objects.ts";

export interface Behaviour {
  readonly after: readonly ExpectationResult[];
  /** What the cluster runs. `first`: nothing yet; `same`: the same HAProxy configuration. */
  readonly former: "first" | "same" | "other" | "unknown";
  /** Of `unknown`: why it is not known what changes. */
  readonly why?: string;
  readonly changed: readonly { readonly before: ExpectationResult; readonly after: ExpectationResult }[];
  /** The lines of either configuration that the lab did not run. */
  readonly notRun: readonly NotRun[];
}

export interface Deployed {
  readonly live: readonly KubernetesObject[] | undefined;
  readonly rendered: readonly KubernetesObject[];
}

/**
 * Both edges run on a real HAProxy, so that the one in the cluster is tested unchanged, whatever created it. Rejects with HaproxyFailure where
 * the new one does not start.
 */
export async function compareBehaviour(
  plan: Plan,
  deployed: Deployed,
  haproxy: Haproxy,
  options: { readonly trust?: boolean } = {},
): Promise<Behaviour> {
  const now = await runIn(await openLabOf(plan, { haproxy, ...options }), plan.expectations);
  const after = now.results;
  const before = await runDeployed(plan, deployed, haproxy, options);
  if (before === "first") return { after, former: "first", changed: [], notRun: now.notRun };
  if ("why" in before) return { after, former: "unknown", why: before.why, changed: [], notRun: now.notRun };
  return {
    after,
    former: textsOf(before.layer) === textsOf(now.layer) ? "same" : "other",
    changed: before.results.flatMap((one, index) => {
      const other = after[index];
      return other === undefined || outcomeOf(one) === outcomeOf(other)
        ? []
        : [{ before: one, after: other }];
    }),
    notRun: [...now.notRun, ...before.notRun],
  };
}

async function runDeployed(
  plan: Plan,
  { live, rendered }: Deployed,
  haproxy: Haproxy,
  options: { readonly trust?: boolean },
): Promise<Run | { readonly why: string } | "first"> {
  if (live === undefined) return "first";
  const why = otherFront(live, rendered);
  if (why !== undefined) return { why };
  const wiring = await deployedWiring(live, rendered, emitCloud(plan));
  if (testedHaproxy(wiring) === undefined)
    return { why: "no ConfigMap contains the configuration that runs now" };
  const known = knownOf(plan);
  try {
    const lab = await openLabOfLayers(wiring, {
      ...options,
      ...known,
      haproxy,
      externalLoadBalancers: externalAsExpected(wiring, known.externalLoadBalancers),
      env: credentialsOf(plan),
    });
    return await runIn(lab, plan.expectations);
  } catch (error) {
    // What runs in the cluster may need another HAProxy than the one here.
    if (!(error instanceof HaproxyFailure)) throw error;
    return { why: `with the configuration that runs now, ${firstLine(error)}` };
  }
}

/** Why it is not known which load balancer is in front of the running edge: another one than the description's creates or reaches it. */
function otherFront(
  live: readonly KubernetesObject[],
  rendered: readonly KubernetesObject[],
): string | undefined {
  for (const { kind, metadata, spec } of rendered as readonly ServiceObject[]) {
    const now = (live as readonly ServiceObject[]).find(
      (one) => one.kind === kind && one.metadata.name === metadata.name,
    );
    const [before, after] = [now?.spec?.type, spec?.type];
    if (kind !== "Service" || now === undefined || before === after) continue;
    if (before === "LoadBalancer" || after === "LoadBalancer")
      return `the Service ${metadata.name} is of type ${before ?? "ClusterIP"} in the cluster, and ${after ?? "ClusterIP"} in the description: which load balancer is in front of it now is not known`;
  }
  return undefined;
}

type ServiceObject = KubernetesObject & { readonly spec?: { readonly type?: string } };

function firstLine({ message }: Error): string {
  return message.split("\n")[0] ?? "";
}

interface Run {
  readonly results: readonly ExpectationResult[];
  readonly notRun: readonly NotRun[];
  readonly layer: HaproxyLayer;
}

async function runIn(lab: LayersLab, expectations: readonly ExpectationPlan[]): Promise<Run> {
  try {
    return {
      results: await runExpectations(lab, expectations),
      notRun: lab.leftOut,
      layer: lab.haproxyLayer,
    };
  } finally {
    await lab.close();
  }
}

/** Secrets are not read from the cluster: those that the description has are taken to be the same. */
function credentialsOf(plan: Plan): Readonly<Record<string, string>> {
  return Object.fromEntries(
    secretsOf(plan).flatMap(({ variable, from }) =>
      from.kind === "description" ? [[variable, from.text.reveal()]] : [],
    ),
  );
}

function textsOf({ config, maps }: HaproxyLayer): string {
  const texts = [...maps].map(([path, { text }]) => [path, text]).sort();
  return JSON.stringify([printHaproxyConfig(config), texts]);
}

function outcomeOf({ answer, differences }: ExpectationResult): string {
  const { status, location, backend, refused, seen } = answer;
  const how = differences.map(({ what, got }) => [what, got]);
  return JSON.stringify([status, location, backend, refused === null, seen?.target, how]);
}

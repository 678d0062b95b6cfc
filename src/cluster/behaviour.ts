// What a deploy changes for requests: each expectation's request, played on the configuration that runs and on the new one.
import type { TextFile } from "../emit/file.ts";
import type { Haproxy } from "../haproxy/find.ts";
import { type ExpectationResult, runExpectations } from "../lab/expectation.ts";
import { openLabOf } from "../lab/lab.ts";
import type { NotRun } from "../lab/not-run.ts";
import type { BackendPlan } from "../plan/backend-plan.ts";
import type { ListenerPlan, LoadBalancerPort, Plan } from "../plan/plan.ts";
import { frontendName } from "../plan/proxy-names.ts";
import { parseHaproxyConfig } from "../wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../wiring/haproxy/read.ts";
import { poolOf } from "../wiring/haproxy/variants.ts";
import type { HaproxyProxy, HaproxyWiring } from "../wiring/haproxy/wiring.ts";

export interface Behaviour {
  /** How the expectations come out with the new configuration. */
  readonly after: readonly ExpectationResult[];
  /** null: nothing runs yet, or what runs is the same. */
  readonly before: readonly ExpectationResult[] | null;
  /** Those whose outcome is another. */
  readonly changed: readonly { readonly before: ExpectationResult; readonly after: ExpectationResult }[];
  /** The lines of either configuration that the lab did not run. */
  readonly notRun: readonly NotRun[];
}

/**
 * A real HAProxy plays both, so that what runs in the cluster is taken as it is, whoever wrote it and with whatever version of
 * Portico; a model would need the plan that it came from, which nobody has any more. Rejects with HaproxyFailure.
 */
export async function compareBehaviour(
  plan: Plan,
  config: readonly TextFile[],
  deployed: readonly TextFile[] | undefined,
  haproxy: Haproxy,
  options: { readonly trust?: boolean } = {},
): Promise<Behaviour> {
  const same = deployed !== undefined && sameFiles(config, deployed);
  const { results: after, notRun } = await playOn(plan, config, haproxy, plan, options);
  if (deployed === undefined || same) return { after, before: null, changed: [], notRun };
  const former = await playOn(planAsDeployed(plan, deployed), deployed, haproxy, plan, options);
  const before = former.results;
  const changed = before.flatMap((one, index) => {
    const other = after[index];
    return other === undefined || outcomeOf(one) === outcomeOf(other) ? [] : [{ before: one, after: other }];
  });
  return { after, before, changed, notRun: [...notRun, ...former.notRun] };
}

async function playOn(
  plan: Plan,
  files: readonly TextFile[],
  haproxy: Haproxy,
  { expectations }: Plan,
  options: { readonly trust?: boolean },
): Promise<{ readonly results: readonly ExpectationResult[]; readonly notRun: readonly NotRun[] }> {
  const lab = await openLabOf(plan, { haproxy, files, ...options });
  try {
    return { results: await runExpectations(lab, expectations), notRun: lab.leftOut };
  } finally {
    await lab.close();
  }
}

function sameFiles(a: readonly TextFile[], b: readonly TextFile[]): boolean {
  const other = new Map(b.map(({ path, content }) => [path, content]));
  return a.length === b.length && a.every(({ path, content }) => other.get(path) === content);
}

/** What a client or a backend would notice. */
function outcomeOf({ answer, differences }: ExpectationResult): string {
  const { status, location, backend, refused, seen } = answer;
  const how = differences.map(({ what, got }) => [what, got]);
  return JSON.stringify([status, location, backend, refused === null, seen?.target, how]);
}

/** The new plan with what the deployed configuration binds and calls: the doubles stand where it looks for them. */
function planAsDeployed(plan: Plan, deployed: readonly TextFile[]): Plan {
  const text = deployed.find(({ path }) => path === "haproxy/haproxy.cfg")?.content ?? "";
  const wiring = readHaproxyWiring(parseHaproxyConfig(text, "haproxy.cfg"));
  const frontends = new Map(
    wiring.proxies.filter(({ kind }) => kind === "frontend").map((one) => [one.name, one]),
  );
  const named = { backends: wiring.proxies.filter(({ kind }) => kind === "backend") };
  const forwarded = /^\s*http-request set-src /m.test(text);
  const listeners = plan.listeners.flatMap((listener) => {
    const frontend = frontends.get(frontendName(named, listener)) ?? frontends.get(nameBefore(listener));
    return frontend === undefined ? [] : (listenerAs(listener, frontend, forwarded) ?? []);
  });
  const statsPort = portOf(frontends.get(frontendName(named, "stats")) ?? frontends.get("stats:http"));
  const known = (name: string) =>
    name === "stats" ? statsPort !== undefined : listeners.some((listener) => listener.name === name);
  return {
    ...plan,
    listeners,
    stats:
      statsPort === undefined
        ? null
        : { public: false, user: null, ...plan.stats, port: { value: statsPort, because: "deployed" } },
    loadBalancer: {
      ...plan.loadBalancer,
      ports: plan.loadBalancer.ports
        .filter(({ listener }) => known(listener))
        .map((port) => ({
          ...port,
          protocol: protocolAs(port.protocol, forwarded),
          proxyProtocol:
            listeners.find(({ name }) => name === port.listener)?.proxyProtocol.value ?? port.proxyProtocol,
        })),
    },
    backends: backendsOf(wiring),
  };
}

/** `forwarded`: what is deployed takes the client's address from X-Forwarded-For, so that the double has to write it. */
function protocolAs(
  protocol: LoadBalancerPort["protocol"],
  forwarded: boolean,
): LoadBalancerPort["protocol"] {
  const ends = protocol === "tls" || protocol === "https";
  if (forwarded) return ends ? "https" : "http";
  return ends ? "tls" : "tcp";
}

function listenerAs(
  listener: ListenerPlan,
  frontend: HaproxyProxy,
  forwarded: boolean,
): ListenerPlan | undefined {
  const port = portOf(frontend);
  if (port === undefined) return undefined;
  const proxied = frontend.expectProxy.length > 0 || frontend.binds.some(({ acceptProxy }) => acceptProxy);
  const { value } = listener.proxyProtocol;
  return {
    ...listener,
    port: { value: port, because: "deployed" },
    client: {
      value: proxied
        ? "proxy"
        : forwarded && listener.entrance === "public"
          ? "x-forwarded-for"
          : "connection",
      because: "deployed",
    },
    proxyProtocol: { value: !proxied ? "none" : value === "none" ? "v1" : value, because: "deployed" },
  };
}

/** The name of a listener's frontend in what earlier versions rendered. */
function nameBefore({ entrance, scheme }: ListenerPlan): string {
  return `${entrance}:${scheme}`;
}

function portOf(frontend: HaproxyProxy | undefined): number | undefined {
  return frontend?.binds.find(({ address }) => address.ports !== undefined)?.address.ports?.from;
}

/** As much of a backend as its doubles need: names, addresses, and how it is called. */
function backendsOf({ proxies }: HaproxyWiring): readonly BackendPlan[] {
  const timing = { value: 1000, because: "deployed" };
  return proxies
    .filter(
      ({ kind, servers, name }) =>
        kind === "backend" && servers.length > 0 && poolOf({ proxies }, name) === name,
    )
    .map(({ name, servers }) => ({
      name,
      variantOf: null,
      servers: servers.map((server) => ({
        name: server.name,
        host: server.address.host,
        port: server.address.ports?.from ?? 0,
        resolved: server.address.kind === "name",
        weight: null,
        backup: server.backup,
        slots: null,
      })),
      balance: null,
      health: { kind: "tcp", intervalMs: timing, timeoutMs: timing, rise: timing, fall: timing },
      retries: timing,
      timeouts: { connectMs: null, serverMs: null, queueMs: null, tunnelMs: null },
      keepAlive: { value: true, because: "deployed" },
      tls: servers.some(({ ssl }) => ssl) ? { verify: "none", sni: null, checkSni: null } : null,
      proxyProtocol: servers.some(({ sendProxy }) => sendProxy !== undefined) ? "v1" : "none",
      maxConnections: null,
      sticky: null,
      raw: [],
      at: null,
    }));
}

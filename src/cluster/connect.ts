// The way to a cluster: the kubeconfig as kubectl finds it, and whether somebody answers there.
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Finding, Outcome } from "../findings/finding.ts";
import { ClusterApi } from "./api.ts";
import { ClusterFailure } from "./failure.ts";

export interface ConnectOptions {
  /** The kubeconfig's context; its current one when absent. */
  readonly context?: string;
  /** $KUBECONFIG: files, as PATH has folders. */
  readonly kubeconfig?: string | undefined;
}

export interface Cluster {
  readonly api: ClusterApi;
  /** `v1.33.4`, as the API server says it. */
  readonly version: string;
}

/** The oldest Kubernetes whose API has all that the manifests ask for, by its minor version. */
const OLDEST_MINOR = 29;

/**
 * Reads $KUBECONFIG, ~/.kube/config, or a pod's own account, and asks the server for its version. Findings where there is
 * no such context, nobody answers, or the cluster is too old; rejects with ClusterFailure for anything else it says.
 */
export async function connectCluster(options: ConnectOptions = {}): Promise<Outcome<Cluster>> {
  const opened = await openConfig(options);
  if (opened.value === undefined) return opened;
  const api = opened.value;
  try {
    const version = await versionOf(api);
    const old = tooOld(version, api);
    return old === undefined ? { value: { api, version }, findings: [] } : { findings: [old] };
  } catch (error) {
    const finding = connectionFinding(error, api);
    if (finding === undefined) throw error;
    return { findings: [finding] };
  }
}

/** Nobody there, or nobody who knows us; undefined for every other failure. */
export function connectionFinding(error: unknown, api: ClusterApi): Finding | undefined {
  if (!(error instanceof ClusterFailure)) return undefined;
  if (error.status === 401 || error.reason === "SignIn")
    return {
      code: "cluster-authentication-failed",
      severity: "error",
      what: `the cluster does not know who asks: ${error.message}`,
      why: `The context \`${api.context}\` names a user whose token or certificate is missing, wrong or out of date.`,
      remedy: `Sign in again, and try \`kubectl --context ${api.context} auth whoami\`.`,
      at: [],
    };
  if (error.status !== null) return undefined;
  return {
    code: "cluster-unreachable",
    severity: "error",
    what: `no answer from the API server of the context \`${api.context}\``,
    why: `${error.message}. A running edge goes on serving without it.`,
    remedy: "See that it runs and that this machine may reach it, or name another with `--context`.",
    at: [],
  };
}

async function openConfig({ context, kubeconfig }: ConnectOptions): Promise<Outcome<ClusterApi>> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    await load(config, kubeconfig ?? "");
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return unknownCluster(`the kubeconfig cannot be read: ${said.split("\n")[0]}`, []);
  }
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined) {
    if (!names.includes(context)) return unknownCluster(`there is no context \`${context}\``, names);
    config.setCurrentContext(context);
  }
  // Without any kubeconfig the library makes one up, for a server on this machine's port 8080.
  const madeUp = config.getCurrentCluster()?.server === "http://localhost:8080";
  if (madeUp || config.getCurrentCluster() === null)
    return unknownCluster("no kubeconfig names a cluster", madeUp ? [] : names);
  const server = config.getCurrentCluster()?.server ?? "";
  if (!URL.canParse(server) || !/^https?:\/\/./.test(server))
    return unknownCluster(
      `the server \`${server}\` of the context \`${config.getCurrentContext()}\` is no URL`,
      [],
      "Correct `server` in the kubeconfig: https://address:port.",
    );
  return { value: new ClusterApi(config), findings: [] };
}

/**
 * Of several files in $KUBECONFIG those that are there: kubectl passes over the others (Kubernetes, "Organizing Cluster Access
 * Using kubeconfig Files"). Where none is, the library says so.
 */
async function load(config: KubeConfig, kubeconfig: string): Promise<void> {
  const files = kubeconfig.split(delimiter).filter((file) => file !== "");
  const [first, ...others] = files.filter((file) => existsSync(file));
  if (first === undefined) return config.loadFromDefault();
  config.loadFromFile(first);
  const { KubeConfig } = await import("@kubernetes/client-node");
  for (const file of others) {
    const other = new KubeConfig();
    other.loadFromFile(file);
    // The first file that names a current context decides.
    config.mergeConfig(other, (config.getCurrentContext() ?? "") !== "");
  }
}

function unknownCluster(what: string, names: readonly string[], remedy?: string): Outcome<never> {
  return {
    findings: [
      {
        code: "cluster-not-configured",
        severity: "error",
        what,
        why: "Without it nobody knows which cluster is meant.",
        remedy:
          remedy ??
          (names.length === 0
            ? "Set KUBECONFIG, or write ~/.kube/config as your cluster's provider says."
            : `Name one of these with \`--context\`: ${names.join(", ")}.`),
        at: [],
      },
    ],
  };
}

async function versionOf(api: ClusterApi): Promise<string> {
  const { gitVersion } = await api.get<{ gitVersion?: string }>("/version");
  return gitVersion ?? "unknown";
}

function tooOld(version: string, api: ClusterApi): Finding | undefined {
  const [, major = "1", minor = String(OLDEST_MINOR)] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) > 1 || Number(minor) >= OLDEST_MINOR) return undefined;
  return {
    code: "kubernetes-too-old",
    severity: "error",
    what: `the cluster of the context \`${api.context}\` runs Kubernetes ${version}`,
    why: `The manifests are made for 1.${OLDEST_MINOR} and later; an older one leaves out what it does not know, without a word.`,
    remedy: `Upgrade the cluster to 1.${OLDEST_MINOR} or later.`,
    at: [],
  };
}

// Connects to a cluster: finds the kubeconfig like kubectl, and checks that the API server answers.
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Finding, Outcome } from "../findings/finding.ts";
import { ClusterApi } from "./api.ts";
import { ClusterFailure } from "./failure.ts";

export interface ConnectOptions {
  readonly context?: string | undefined;
  /** $KUBECONFIG: a list of files, separated like PATH. */
  readonly kubeconfig?: string | undefined;
}

export interface Cluster {
  readonly api: ClusterApi;
  /** `v1.33.4`, as reported by the API server. */
  readonly version: string;
}

/** The oldest supported Kubernetes, by its minor version: its API has all that the manifests use. */
const OLDEST_MINOR = 29;

/**
 * Reads $KUBECONFIG, ~/.kube/config, or a pod's service account, and requests the server's version. Findings for an unknown
 * context, no answer, or an unsupported version; rejects with ClusterFailure for any other failure.
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

/** No answer, or failed authentication; undefined for every other failure. */
export function connectionFinding(error: unknown, api: ClusterApi): Finding | undefined {
  if (!(error instanceof ClusterFailure)) return undefined;
  if (error.status === 401 || error.reason === "SignIn")
    return {
      code: "cluster-authentication-failed",
      severity: "error",
      what: `the cluster rejects the credentials: ${error.message}`,
      why: `The context \`${api.context}\` has a user whose token or certificate is missing, invalid or expired.`,
      remedy: `Sign in again, and try \`kubectl --context ${api.context} auth whoami\`.`,
      at: [],
    };
  if (error.status !== null) return undefined;
  return {
    code: "cluster-unreachable",
    severity: "error",
    what: `no answer from the API server of the context \`${api.context}\``,
    why: `${error.message}. A running edge keeps serving without it.`,
    remedy:
      "Check that it runs and that this machine can reach it, or name another context with `--context`.",
    at: [],
  };
}

async function openConfig({ context, kubeconfig }: ConnectOptions): Promise<Outcome<ClusterApi>> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    await load(config, kubeconfig ?? "");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return unknownCluster(`the kubeconfig cannot be read: ${message.split("\n")[0]}`, []);
  }
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined) {
    if (!names.includes(context)) return unknownCluster(`there is no context \`${context}\``, names);
    config.setCurrentContext(context);
  }
  // Without a kubeconfig the library invents one for port 8080 of this machine.
  const madeUp = config.getCurrentCluster()?.server === "http://localhost:8080";
  if (madeUp || config.getCurrentCluster() === null)
    return unknownCluster("no kubeconfig names a cluster", madeUp ? [] : names);
  const server = config.getCurrentCluster()?.server ?? "";
  if (!URL.canParse(server) || !/^https?:\/\/./.test(server))
    return unknownCluster(
      `the server \`${server}\` of the context \`${config.getCurrentContext()}\` is not a URL`,
      [],
      "Fix `server` in the kubeconfig: https://address:port.",
    );
  return { value: new ClusterApi(config), findings: [] };
}

/**
 * The existing files of $KUBECONFIG: kubectl ignores the others (Kubernetes, "Organizing Cluster Access Using kubeconfig
 * Files"). Where none exists, the library reports it.
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
        why: "Without it the cluster is unknown.",
        remedy:
          remedy ??
          (names.length === 0
            ? "Set KUBECONFIG, or write ~/.kube/config as your cluster's provider documents it."
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
    why: `The manifests need 1.${OLDEST_MINOR} or later; older versions silently drop fields that they do not know.`,
    remedy: `Upgrade the cluster to 1.${OLDEST_MINOR} or later.`,
    at: [],
  };
}

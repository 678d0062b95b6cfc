// portico doctor dns: measures lookups on this machine or in a pod, finds the cause of slow ones, and prints the fix.
import type { DnsReport } from "../../doctor/doctor-dns.ts";
import { type CommandContext, type CommandSpec, type Given, screenOf } from "../command.ts";
import { showFailure, showFindings } from "../findings-output.ts";

/** Has a shell, getent and timeout, with glibc. */
const PROBE_IMAGE = "debian:trixie-slim";

export const doctorDnsCommand: CommandSpec = {
  name: "doctor dns",
  arguments: "[names...]",
  summary: "find the cause of slow DNS lookups, and print the fix",
  options: [
    { flags: "--namespace <namespace>", about: "measure in a temporary pod of this namespace" },
    { flags: "--context <context>", about: "the kubeconfig context of the pod; default the current one" },
    {
      flags: "--image <image>",
      about: `the pod's image; default ${PROBE_IMAGE}. It needs sh, sleep and getent, which minimal images lack`,
    },
    { flags: "--json", about: "all measurements as JSON" },
  ],
  examples: [
    "portico doctor dns app.example.com",
    "portico doctor dns --namespace web app.web.svc.cluster.local",
  ],
  async run(context, given) {
    const wrong = given
      .list("names")
      .find((name) => !/^[\w-]+(\.[\w-]+)*\.?$/.test(name) || name.length > 253);
    if (wrong !== undefined) {
      context.log(`portico: ${JSON.stringify(wrong)} is not a valid DNS name`);
      return 2;
    }
    const namespace = given.text("namespace");
    const report =
      namespace === undefined ? await here(context, given) : await inPod(context, given, namespace);
    if (report === undefined) return 2;
    if (given.flag("json")) context.print(JSON.stringify(report, null, 2));
    else {
      const { doctorText } = await import("../screens/doctor-text.ts");
      context.print(doctorText(report, screenOf(context)));
    }
    if (report.causes.some(({ avoidedBy }) => avoidedBy === null)) return 1;
    const { unmeasured } = await import("../../doctor/measured.ts");
    return unmeasured(report.measured).length > 0 ? 2 : 0;
  },
};

async function here(context: CommandContext, given: Given): Promise<DnsReport> {
  const { doctorDns } = await import("../../doctor/doctor-dns.ts");
  const { thisMachine } = await import("../../doctor/place.ts");
  return doctorDns(thisMachine(context.env), {
    names: given.list("names"),
    queriesServers: true,
    onProgress: progress(context),
  });
}

async function inPod(
  context: CommandContext,
  given: Given,
  namespace: string,
): Promise<DnsReport | undefined> {
  const { doctorDns } = await import("../../doctor/doctor-dns.ts");
  const { connectCluster } = await import("../../cluster/connect.ts");
  const { openProbePod } = await import("../../cluster/probe-pod.ts");
  const { ClusterFailure } = await import("../../cluster/failure.ts");
  const { value: cluster, findings } = await connectCluster({
    context: given.text("context"),
    kubeconfig: context.env.KUBECONFIG,
  });
  if (cluster === undefined) {
    await showFailure(context, given, findings, new Map());
    return undefined;
  }
  await showFindings(context, findings, new Map());
  const image = given.text("image") ?? PROBE_IMAGE;
  let close = async () => {};
  const forget = context.onInterrupt(() => close());
  try {
    const pod = await openProbePod(cluster.api, {
      namespace,
      image,
      onCreated: (remove) => {
        close = remove;
      },
      onProgress: progress(context),
    });
    const report = await doctorDns(
      { name: `pod ${pod.name}`, run: pod.run },
      { names: given.list("names"), queriesServers: false, onProgress: progress(context) },
    );
    if (report.measured.tool !== "") return report;
    context.log(`portico: ${image} has no getent: name an image that has it with --image`);
    return undefined;
  } catch (error) {
    if (!(error instanceof ClusterFailure)) throw error;
    context.log(`portico: ${error.message}`);
    if (error.reason === "ProbePod")
      context.log(`The image ${image} must be available, with sh, sleep and getent; --image names another.`);
    return undefined;
  } finally {
    await close().catch((error: Error) =>
      context.log(`portico: the pod could not be removed, and ends within 15 minutes: ${error.message}`),
    );
    forget();
  }
}

/** On a terminal only. */
function progress(context: CommandContext): (what: string) => void {
  return context.terminal.err ? (what) => context.log(`· ${what}`) : () => undefined;
}

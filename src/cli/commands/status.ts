// portico status: the state of the edge in its cluster, and its differences from what is rendered.
import { type CommandSpec, screenOf } from "../command.ts";
import { showFailure } from "../findings-output.ts";
import { loadPlan } from "../planned.ts";

export const statusCommand: CommandSpec = {
  name: "status",
  arguments: "[description]",
  summary: "show the state of the edge in its cluster",
  options: [
    { flags: "--context <name>", about: "the kubeconfig context; default the current one" },
    { flags: "--image <reference>", about: "the image that was deployed, where it is not the edge's own" },
    { flags: "--json", about: "the state as JSON" },
  ],
  examples: ["portico status", "portico status --context prod --json"],
  async run(context, given) {
    const planned = await loadPlan(context, given);
    if (planned === undefined) return 2;
    const { connectCluster } = await import("../../cluster/connect.ts");
    const { renderForCluster } = await import("../../cluster/rendered.ts");
    const { edgeStatus } = await import("../../cluster/status.ts");
    const screens = await import("../screens/status-text.ts");
    const { value: cluster, findings } = await connectCluster({
      context: given.text("context"),
      kubeconfig: context.env.KUBECONFIG,
    });
    if (cluster === undefined) {
      await showFailure(context, given, findings, new Map());
      return 2;
    }
    const { plan } = planned;
    const { objects } = renderForCluster(plan, given.text("image"));
    const status = await edgeStatus(cluster.api, plan, objects);
    context.print(
      given.flag("json")
        ? screens.statusJson(plan, cluster.api.context, status)
        : screens.statusText(plan, cluster.api.context, status, screenOf(context)),
    );
    const isReady = status.replicas !== null && status.replicas.ready >= status.replicas.wanted;
    const servers = status.servers.every(({ down }) => down.length === 0);
    const clean = status.drift.length === 0 && status.findings.length === 0;
    return isReady && servers && clean ? 0 : 1;
  },
};

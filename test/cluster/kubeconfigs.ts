// Other access to the cluster of $KUBECONFIG: through a proxy that can be cut, or with fewer permissions.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { folderWith } from "../cli/portico.ts";
import { kubectl, kubectlWith } from "../disturbances/kubectl.ts";

export interface CutProxy {
  /** For KUBECONFIG. */
  readonly kubeconfig: string;
  /** Closes every connection, and accepts no new ones. */
  readonly cut: () => void;
  readonly restore: () => void;
  readonly close: () => Promise<void>;
}

/** A kubeconfig whose server is a proxy in front of the API server. */
export async function cutProxy(): Promise<CutProxy> {
  const config = theConfig();
  const server = config.getCurrentCluster()?.server ?? "";
  const to = new URL(server);
  const sockets = new Set<Socket>();
  let isCut = false;
  const proxy = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect({ host: to.hostname, port: Number(to.port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      });
    }
    client.pipe(upstream).pipe(client);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  return {
    kubeconfig: written(config.exportConfig().replaceAll(server, `https://127.0.0.1:${port}`)),
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    restore() {
      isCut = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, "close");
    },
  };
}

/** A kubeconfig for a ServiceAccount with this name, whose permissions in its namespace are `rules`. */
export async function asServiceAccount(
  namespace: string,
  name: string,
  rules: readonly object[],
): Promise<string> {
  const metadata = { name, namespace };
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name };
  const items = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata,
      roleRef: role,
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
  await kubectlWith(JSON.stringify({ apiVersion: "v1", kind: "List", items }), "apply");
  const token = (await kubectl("create", "token", name, "--namespace", namespace)).trim();
  const config = theConfig();
  const exported = JSON.parse(config.exportConfig()) as { users: { name: string; user: object }[] };
  for (const user of exported.users) user.user = { token };
  return written(JSON.stringify(exported));
}

function theConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

function written(text: string): string {
  return join(folderWith({ kubeconfig: text }), "kubeconfig");
}

// Which port numbers of the nodes belong to Services.
import { valueAt } from "../../source/data.ts";
import type { Service } from "../wiring.ts";

/** In the default range of node ports, and not a `healthCheckNodePort`, on which kube-proxy answers. */
export function isNodePort(services: readonly Service[], port: number): boolean {
  const ofKubeProxy = services.some(
    ({ object }) => valueAt(object.data, ["spec", "healthCheckNodePort"]) === port,
  );
  return port >= 30_000 && port <= 32_767 && !ofKubeProxy;
}

// Hand-written endpoints for Services without a selector: EndpointSlices and Endpoints objects.
import type { Position } from "../../findings/finding.ts";
import { isRecord, valueAt } from "../../source/data.ts";
import type { KubernetesObject, Service, ServicePort } from "../wiring.ts";
import { titleOf } from "./fields.ts";

export type SliceIndex = ReadonlyMap<string, readonly KubernetesObject[]>;

/** By namespace and name of the Service that they belong to. */
export function slicesByService(objects: readonly KubernetesObject[]): SliceIndex {
  return Map.groupBy(
    objects.filter(({ kind }) => kind === "EndpointSlice" || kind === "Endpoints"),
    ({ kind, namespace, name, data }) => {
      const label = valueAt(data, ["metadata", "labels", "kubernetes.io/service-name"]);
      return `${namespace}/${kind === "Endpoints" ? name : String(label)}`;
    },
  );
}

export interface WrittenEndpoints {
  /** Why a connection to this port of the Service reaches none of them; undefined: it reaches one. */
  faultOf(
    service: Service,
    port: ServicePort | undefined,
  ): { readonly because: string; readonly at: Position } | undefined;
}

/** undefined: the folder contains none. */
export function endpointsOf(
  slices: SliceIndex,
  { namespace, name }: Pick<Service, "namespace" | "name">,
): WrittenEndpoints | undefined {
  const own = slices.get(`${namespace}/${name}`);
  const [first] = own ?? [];
  if (own === undefined || first === undefined) return undefined;
  return {
    faultOf(service, port) {
      const ready = own.filter(hasReadyAddress);
      if (ready.length === 0) return { because: `${titleOf(first)} has no ready address`, at: first.at };
      const family = service.families?.value;
      const [slice] = ready;
      const inFamily = ready.filter(
        ({ data }) => family === undefined || !isSlice(data) || family.includes(data.addressType),
      );
      if (slice !== undefined && inFamily.length === 0)
        return {
          because: `${titleOf(slice)} has addresses of another family than ${titleOf(service.object)}`,
          at: slice.place(["addressType"]) ?? slice.at,
        };
      // A headless Service maps no port.
      if (port === undefined || service.headless || inFamily.some((one) => hasPort(one, port, service.ports)))
        return undefined;
      const named = port.name === undefined ? "without a name" : `named ${port.name}`;
      return {
        because: `${titleOf(first)} has no port ${named}, as port ${port.port.value} of ${titleOf(service.object)}`,
        at: first.place(["ports"], { key: true }) ?? first.at,
      };
    },
  };
}

function isSlice(data: KubernetesObject["data"]): data is { readonly addressType: "IPv4" | "IPv6" } {
  return data.addressType === "IPv4" || data.addressType === "IPv6";
}

/** "nil should be interpreted as true" (Kubernetes API, EndpointConditions). */
function hasReadyAddress({ kind, data }: KubernetesObject): boolean {
  if (kind === "Endpoints") return listOf(data.subsets).some((subset) => listOf(subset.addresses).length > 0);
  return listOf(data.endpoints).some((one) => valueAt(one, ["conditions", "ready"]) !== false);
}

/** By name: "This name must match the name of a Service port" (Kubernetes, "Services without selectors"); one port may have none. */
function hasPort(
  { kind, data }: KubernetesObject,
  { name = "", protocol }: ServicePort,
  all: readonly ServicePort[],
): boolean {
  const ports =
    kind === "Endpoints" ? listOf(data.subsets).flatMap((one) => listOf(one.ports)) : listOf(data.ports);
  // kube-proxy treats a missing name as "".
  return ports.some(
    (one) => (one.name ?? "") === name && (one.protocol ?? "TCP") === protocol && all.length > 0,
  );
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

// TargetGroupBindings of the AWS Load Balancer Controller: the Service whose pods or nodes are the targets of a target group in Terraform.
import type { LoadBalancer, LoadBalancerListener } from "../cloud.ts";
import { isPlaceholder } from "../placeholder.ts";
import type { KubernetesObject, Service } from "../wiring.ts";
import { type Known, knownValue } from "../written.ts";
import { fieldsOf } from "./fields.ts";

/** https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding/ */
export function withBoundTargets(
  loadBalancers: readonly LoadBalancer[],
  objects: readonly KubernetesObject[],
  services: readonly Service[],
): readonly LoadBalancer[] {
  const bindings = objects
    .filter(({ kind }) => kind === "TargetGroupBinding")
    .flatMap((object) => bindingOf(object, services) ?? []);
  if (bindings.length === 0) return loadBalancers;
  const groups = new Set(
    loadBalancers.flatMap(({ listeners }) => listeners.flatMap((one) => one.targetGroup?.address ?? [])),
  );
  return loadBalancers.map((loadBalancer) => {
    const listeners = loadBalancer.listeners.map((listener) => {
      const binding = bindings.find((one) =>
        isBound(one, listener, groups.size === 1 && bindings.length === 1),
      );
      return binding === undefined ? listener : bound(listener, binding);
    });
    const isChanged = listeners.some((listener, index) => listener !== loadBalancer.listeners[index]);
    return isChanged ? { ...loadBalancer, listeners, targetsAttached: { value: true } } : loadBalancer;
  });
}

interface Binding {
  readonly object: KubernetesObject;
  readonly group: { readonly name?: string | undefined; readonly arn?: string | undefined };
  readonly targetType: string | undefined;
  readonly service: NonNullable<LoadBalancerListener["to"]["service"]>;
  readonly nodePort: Known<number>;
  readonly podPort: Known<number>;
}

function bindingOf(object: KubernetesObject, services: readonly Service[]): Binding | undefined {
  const { raw, at } = fieldsOf(object, []);
  const text = (name: string): string | undefined => {
    const value = raw(["spec", name]);
    return typeof value === "string" ? value : undefined;
  };
  const [name, port] = [raw(["spec", "serviceRef", "name"]), raw(["spec", "serviceRef", "port"])];
  if (typeof name !== "string" || (typeof port !== "number" && typeof port !== "string")) return undefined;
  const place = at(["spec", "serviceRef", "port"]);
  const service = services.find((one) => one.name === name && one.namespace === object.namespace);
  const servicePort = service?.ports.find((one) =>
    typeof port === "number" ? one.port.value === port : one.name === port,
  );
  const target = servicePort?.targetPort.value;
  return {
    object,
    group: { name: text("targetGroupName"), arn: text("targetGroupARN") },
    targetType: text("targetType"),
    service: { namespace: object.namespace, name, port },
    nodePort: servicePort?.nodePort ?? { unknown: "the node port of the Service is not known", at: place },
    podPort:
      typeof target === "number"
        ? { value: target, at: servicePort?.targetPort.at }
        : { unknown: "the port of the pods is not known", at: place },
  };
}

/** `only`: there is one group and one binding, so an unknown ARN must be the ARN of this group. */
function isBound(
  { group: { name, arn } }: Binding,
  { targetGroup }: LoadBalancerListener,
  only: boolean,
): boolean {
  if (targetGroup === undefined) return false;
  const own = knownValue(targetGroup.name);
  if (name !== undefined && !isPlaceholder(name)) return name === own;
  if (arn === undefined) return only;
  const named = /:targetgroup\/([^/]+)\//.exec(arn)?.[1];
  if (named !== undefined) return named === own;
  return arn.includes(`${targetGroup.address}.`) || only;
}

/** Targets are registered with the ports of the Service, whatever the port of the group is. */
function bound(
  listener: LoadBalancerListener,
  { targetType, service, nodePort, podPort }: Binding,
): LoadBalancerListener {
  const written = targetType === "ip" ? "pod" : "node";
  const kind = targetType === undefined && listener.to.kind !== "nowhere" ? listener.to.kind : written;
  return { ...listener, to: { kind, port: kind === "pod" ? podPort : nodePort, service } };
}

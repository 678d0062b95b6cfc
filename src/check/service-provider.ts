// The provider of a Service's load balancer.
import type { Plan } from "../plan/plan.ts";
import type { Provider } from "../providers/provider.ts";
import { providerNamed } from "../providers/providers.ts";

/** undefined: another kind of load balancer, or no provider is described. */
export function serviceProvider({ loadBalancer }: Plan): Provider | undefined {
  const name = loadBalancer.service?.provider;
  return name == null ? undefined : providerNamed(name);
}

/** The name of the provider whose load balancer opens its own connections, so that only PROXY carries the client address; undefined: not known. */
export function opensOwnConnections(plan: Plan): string | undefined {
  if (plan.loadBalancer.kind === "aws-classic-elb") return "a classic ELB";
  const provider = serviceProvider(plan);
  return provider !== undefined && provider.keepsClientAddress === undefined
    ? `the load balancer of ${provider.title}`
    : undefined;
}

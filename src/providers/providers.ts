// Every provider, in the order in which documents list them. A test fails when a file of this folder is missing here.
import { awsInTree } from "./aws-in-tree.ts";
import { awsNlbController } from "./aws-nlb-controller.ts";
import { azure } from "./azure.ts";
import { civo } from "./civo.ts";
import { digitalocean } from "./digitalocean.ts";
import { google } from "./google.ts";
import { hetzner } from "./hetzner.ts";
import { ibm } from "./ibm.ts";
import { linode } from "./linode.ts";
import { metallb } from "./metallb.ts";
import { openstack, ovh } from "./openstack.ts";
import { oracle } from "./oracle.ts";
import type { Annotation, Provider, ProviderName, ServiceRequirements, ServiceText } from "./provider.ts";
import { scaleway } from "./scaleway.ts";

export const PROVIDERS: readonly Provider[] = [
  awsNlbController,
  awsInTree,
  google,
  azure,
  digitalocean,
  hetzner,
  scaleway,
  openstack,
  ovh,
  linode,
  oracle,
  ibm,
  civo,
  metallb,
];

export function providerNamed(name: ProviderName): Provider {
  const found = PROVIDERS.find((provider) => provider.name === name);
  if (found === undefined) throw new Error(`there is no provider ${name}`);
  return found;
}

/** The provider of a Service, by its annotations and class; undefined: not known. */
export function providerOf(
  service: Pick<ServiceText, "annotations" | "loadBalancerClass">,
): Provider | undefined {
  return PROVIDERS.find(({ owns }) => owns(service));
}

/** The annotations for the requested settings, by name. Whether the provider supports them is not checked here. */
export function annotationsFor(provider: Provider, requirements: ServiceRequirements): readonly Annotation[] {
  const { proxy, tls, idleTimeout, internal, always } = provider;
  return [
    ...always(requirements),
    ...(requirements.internal ? (internal?.write ?? []) : []),
    ...(proxy?.write(requirements.ports) ?? []),
    ...(tls?.write(requirements.ports) ?? []),
    ...(requirements.idleTimeoutS === undefined
      ? []
      : (idleTimeout?.write?.(requirements.idleTimeoutS, requirements.ports) ?? [])),
  ];
}

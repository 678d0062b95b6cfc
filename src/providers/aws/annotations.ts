// Annotations that both controllers of AWS read, with the same prefix, and which controller a Service belongs to.
import { certificateAndPorts } from "../forms.ts";
import type { Annotations, Provider, TlsFact } from "../provider.ts";

export const AWS = "service.beta.kubernetes.io/aws-load-balancer-";

export const AWS_CONTROLLER_CLASS = "service.k8s.aws/nlb";

/** Annotations that the in-tree controller does not know. */
const CONTROLLER_ONLY =
  /^(nlb-target-type|scheme|attributes|alpn-policy|listener-attributes|proxy-protocol-per)/;

/** The AWS Load Balancer Controller handles Services with `external` or `nlb-ip`, or of its class (its document, "Legacy Cloud Provider"). */
export const ownedByController: Provider["owns"] = ({ annotations, loadBalancerClass }) =>
  loadBalancerClass === AWS_CONTROLLER_CLASS ||
  /^(external|nlb-ip)$/.test(annotations[`${AWS}type`] ?? "") ||
  Object.keys(annotations).some(
    (name) => name.startsWith(AWS) && CONTROLLER_ONLY.test(name.slice(AWS.length)),
  );

/** Of `key=value,key=value`; undefined: not there. */
export function attribute(annotations: Annotations, name: string, key: string): string | undefined {
  return annotations[name]
    ?.split(",")
    .map((pair) => pair.trim().split("="))
    .find(([found]) => found === key)?.[1];
}

/** In both, TLS is terminated on all ports if a certificate is named but no port. */
export function awsCertificate(backendProtocol: boolean): TlsFact {
  return certificateAndPorts(
    "the ARN of a certificate",
    { certificate: `${AWS}ssl-cert`, ports: `${AWS}ssl-ports` },
    true,
    backendProtocol
      ? [{ name: `${AWS}backend-protocol`, value: "tcp", because: "HAProxy gets the bytes unchanged" }]
      : [],
  );
}

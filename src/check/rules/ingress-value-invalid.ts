// ingress-value-invalid: value of an ALB Ingress that the controller or the API server refuses.
import { ALB } from "../../providers/aws/alb-ingress.ts";
import { isRecord, listAt, valueAt } from "../../source/data.ts";
import { isPlaceholder } from "../../wiring/placeholder.ts";
import type { KubernetesObject } from "../../wiring/wiring.ts";
import type { Rule, RuleFinding } from "../rule.ts";

/** AWS Load Balancer Controller, "Ingress annotations". */
const VALUES: Readonly<Record<string, readonly [form: RegExp, example: string]>> = {
  scheme: [/^(?:internal|internet-facing)$/, "`internal` or `internet-facing`"],
  "target-type": [/^(?:instance|ip)$/, "`instance` or `ip`"],
  "ip-address-type": [/^(?:ipv4|dualstack|dualstack-without-public-ipv4)$/, "`ipv4` or `dualstack`"],
  "backend-protocol": [/^HTTPS?$/i, "`HTTP` or `HTTPS`"],
  "healthcheck-protocol": [/^HTTPS?$/i, "`HTTP` or `HTTPS`"],
  "healthcheck-interval-seconds": [/^\d+$/, 'a number in quotes, `"10"`'],
  "healthcheck-timeout-seconds": [/^\d+$/, 'a number in quotes, `"5"`'],
  "healthy-threshold-count": [/^\d+$/, 'a number in quotes, `"2"`'],
  "unhealthy-threshold-count": [/^\d+$/, 'a number in quotes, `"2"`'],
  // Of HTTP, or of gRPC: 0 to 99.
  "success-codes": [/^\d{1,3}(?:-\d{1,3})?(?:,\d{1,3}(?:-\d{1,3})?)*$/, 'statuses, `"200-399"`'],
};

const LISTEN_PORTS = "listen-ports";

/** A list of maps from protocol to port, in JSON. */
function isListenPorts(text: string): boolean {
  try {
    const list: unknown = JSON.parse(text);
    const isListener = ([protocol, port]: [string, unknown]) =>
      /^HTTPS?$/.test(protocol) && Number.isInteger(port);
    return Array.isArray(list) && list.every((one) => isRecord(one) && Object.entries(one).every(isListener));
  } catch {
    return false;
  }
}

/** Kubernetes API, HTTPIngressPath. */
const PATH_TYPES: readonly unknown[] = ["Exact", "Prefix", "ImplementationSpecific"];

export const ingressValueInvalid: Rule = {
  code: "ingress-value-invalid",
  severity: "error",
  check: (wiring) =>
    wiring.objects
      .filter(({ kind }) => kind === "Ingress")
      .flatMap((object) => [...annotationsOf(object), ...pathTypesOf(object)]),
};

function annotationsOf(object: KubernetesObject): readonly RuleFinding[] {
  const forms = Object.entries(VALUES).map(
    ([name, [form, example]]) => [name, (value: string) => form.test(value), example] as const,
  );
  const all = [...forms, [LISTEN_PORTS, isListenPorts, 'a list in JSON, `[{"HTTPS": 443}]`'] as const];
  return all.flatMap(([name, isValid, example]) => {
    const path = ["metadata", "annotations", `${ALB}${name}`];
    const value = valueAt(object.data, path);
    if (typeof value !== "string" || isValid(value.trim()) || isPlaceholder(value)) return [];
    return {
      what: `Ingress \`${object.name}\` has an invalid value in the annotation \`${name}\`: \`${value}\``,
      why: "The AWS Load Balancer Controller refuses the Ingress: it creates no load balancer, or does not update the existing one.",
      remedy: `Write ${example}.`,
      at: [object.place(path) ?? object.at],
    };
  });
}

function pathTypesOf(object: KubernetesObject): readonly RuleFinding[] {
  return listAt(object.data, ["spec", "rules"]).flatMap((rule, of) =>
    listAt(rule, ["http", "paths"]).flatMap((one, index) => {
      const value = valueAt(one, ["pathType"]);
      if (typeof value !== "string" || PATH_TYPES.includes(value) || isPlaceholder(value)) return [];
      return {
        what: `Ingress \`${object.name}\` has an invalid \`pathType\`: \`${value}\``,
        why: "The API server refuses the object.",
        remedy: "Write `Prefix`, `Exact` or `ImplementationSpecific`.",
        at: [object.place(["spec", "rules", of, "http", "paths", index, "pathType"]) ?? object.at],
      };
    }),
  );
}

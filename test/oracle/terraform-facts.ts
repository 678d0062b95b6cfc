// The plan's decisions about AWS resources, and arguments in Terraform that the wiring does not read.
import type { CloudPlan } from "../../src/plan/cloud-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { type Fact, fact, said } from "./fact.ts";

/** The values in all resources of a type, each once. */
type ValuesOf = (type: string, argument: string) => string;

export function terraformFacts({ cloud }: Plan, { files }: Wiring): readonly Fact[] {
  if (cloud === null) return [];
  const text = files.flatMap((one) => (one.file.endsWith(".tf") ? [one.text] : [])).join("\n");
  const resources = [...text.matchAll(/^resource "(\w+)" .*?^\}/gms)];
  const valuesOf: ValuesOf = (type, argument) =>
    listed(
      resources
        .filter(([, own = ""]) => new RegExp(`^(?:${type})$`).test(own))
        .flatMap(([block]) => valuesIn(block, argument)),
    );
  const planned = [
    ...(cloud.kind === "aws-nlb" ? targetArguments(cloud) : []),
    ...certificateArguments(cloud),
    ...recordArguments(cloud),
    ...logArguments(cloud),
    [".*", "create_before_destroy", "true"],
  ] as const;
  return planned.flatMap(([type, argument, value]) =>
    fact(`${argument} of all ${type}`, value, said(valuesOf(type, argument), undefined)),
  );
}

/** Type, argument, value. */
type Planned = readonly (readonly [string, string, string])[];

function targetArguments({
  listeners,
  drainingS,
  unhealthyDrainingS: unhealthy,
  healthCheck,
}: CloudPlan): Planned {
  const [group, listener] = ["aws_lb_target_group", "aws_lb_listener"];
  const idle = listeners.flatMap(({ idleTimeoutS }) => idleTimeoutS?.value ?? []);
  return [
    [group, "name", listed(listeners.map(({ nodePort }) => `\${var.name}-${nodePort.value}`))],
    [group, "deregistration_delay", String(drainingS.value)],
    [group, "connection_termination", "true"],
    [group, "enable_unhealthy_connection_termination", unhealthy === null ? "" : "false"],
    [group, "unhealthy_draining_interval", unhealthy === null ? "" : String(unhealthy.value)],
    [group, "matcher", healthCheck.path === null ? "" : "200"],
    [listener, "type", "forward"],
    [listener, "tcp_idle_timeout_seconds", listed(idle.map(String))],
  ];
}

function certificateArguments({ certificate }: CloudPlan): Planned {
  if (certificate?.from !== "acm") return [];
  const [certificates, records] = ["aws_acm_certificate", "aws_route53_record"];
  const [first = "", ...others] = certificate.names;
  return [
    [certificates, "domain_name", first],
    [certificates, "subject_alternative_names", listed(others)],
    [certificates, "validation_method", "DNS"],
    [records, "ttl", "300"],
    [records, "allow_overwrite", "true"],
  ];
}

/** Records that prove the ownership of names, and those of hosts. */
function recordArguments({ certificate, aliases }: CloudPlan): Planned {
  const records = "aws_route53_record";
  const validated = certificate?.from === "acm" ? certificate.validationNames : [];
  const some = aliases.length > 0;
  return [
    [records, "for_each", listed([...validated, ...aliases])],
    [records, "type", listed([...(some ? ["A"] : []), ...(validated.length > 0 ? [RECORD_TYPE] : [])])],
    [records, "evaluate_target_health", some ? "true" : ""],
  ];
}

const RECORD_TYPE = "local.certificate_records[each.key].resource_record_type";

function logArguments({ kind, accessLogs }: CloudPlan): Planned {
  const [balancer, prefix] = kind === "aws-nlb" ? ["aws_lb", "prefix"] : ["aws_elb", "bucket_prefix"];
  return [
    [balancer, "bucket", accessLogs?.bucket ?? ""],
    [balancer, prefix, accessLogs?.prefix ?? ""],
  ];
}

/** Of a list, its texts. */
function valuesIn(block: string, argument: string): readonly string[] {
  const found = block.matchAll(new RegExp(`^ +${argument} += ((?:toset\\()?\\[[^\\]]*\\]\\)?$|.*)`, "gm"));
  return [...found].flatMap(([, value = ""]) => {
    const texts = [...value.matchAll(/"([^"]*)"/g)].map(([, text = ""]) => text);
    return texts.length > 0 ? texts : value.trim();
  });
}

function listed(values: readonly string[]): string {
  return [...new Set(values)].sort().join(" ");
}

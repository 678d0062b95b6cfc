// The certificate of the load balancer, where AWS Certificate Manager issues it.
import type { CloudPlan } from "../../plan/cloud-plan.ts";
import {
  type Block,
  block,
  call,
  commentedBlock,
  type Expression,
  reference,
  set,
  type Value,
} from "./hcl.ts";

/** A certificate that this module requests is used once it is validated. */
export function certificateArn({ certificate }: CloudPlan): Value {
  switch (certificate?.from) {
    case "arn":
      return certificate.arn;
    case "acm":
      return reference("aws_acm_certificate_validation.this.certificate_arn");
    default:
      return reference("var.certificate_arn");
  }
}

export function certificateBlocks({ certificate }: CloudPlan): readonly Block[] {
  if (certificate?.from !== "acm") return [];
  const [first = "", ...others] = certificate.names;
  return [
    commentedBlock(
      "Renewed by AWS as long as the records below exist.",
      "resource aws_acm_certificate this",
      [
        set("domain_name", first),
        ...(others.length === 0 ? [] : [set("subject_alternative_names", others)]),
        set("validation_method", "DNS"),
        set("tags", reference("local.tags")),
        block("lifecycle", [
          set("create_before_destroy", true, "the load balancer uses the old one until the new one exists"),
        ]),
      ],
    ),
    block("locals", [
      set(
        "certificate_records",
        reference(
          "{ for option in aws_acm_certificate.this.domain_validation_options : option.domain_name => option }",
        ),
      ),
    ]),
    commentedBlock(
      "Prove ownership of the names; *.example.com uses the record of example.com.",
      "resource aws_route53_record certificate",
      [
        set("for_each", call("toset", certificate.validationNames)),
        set("zone_id", reference("var.route53_zone_id")),
        set("name", record("name")),
        set("type", record("type")),
        set("records", [record("value")]),
        set("ttl", 300),
        set("allow_overwrite", true, "certificates of this account share the record of a name"),
      ],
    ),
    block("resource aws_acm_certificate_validation this", [
      set("certificate_arn", reference("aws_acm_certificate.this.arn")),
      set(
        "validation_record_fqdns",
        reference("[for record in aws_route53_record.certificate : record.fqdn]"),
      ),
    ]),
  ];
}

/** Of the validation record for `each.key`. */
function record(part: "name" | "type" | "value"): Expression {
  return reference(`local.certificate_records[each.key].resource_record_${part}`);
}

// The cloud layer: a Terraform module for the load balancer in AWS, with variables for what is the account's.
import type { CloudPlan } from "../../plan/cloud-plan.ts";
import type { Plan } from "../../plan/plan.ts";
import type { EmittedFile } from "../file.ts";
import { certificateBlocks } from "./certificate.ts";
import { classicElbBlocks } from "./classic-elb.ts";
import { dnsBlocks } from "./dns.ts";
import { type Block, block, mapping, printFile, set } from "./hcl.ts";
import { nlbBlocks } from "./nlb.ts";
import { outputBlocks } from "./outputs.ts";
import { securityGroupBlocks } from "./security-groups.ts";
import { variableBlocks } from "./variables.ts";

/** Files below `cloud/`; none where the load balancer is not one that Terraform makes. */
export function emitCloud(plan: Plan): readonly EmittedFile[] {
  const { cloud } = plan;
  if (cloud === null) return [];
  return [
    file("versions.tf", "What the module is written for.", [requirements()]),
    file("variables.tf", "What is the account's, and not the edge's.", variableBlocks(cloud)),
    file("main.tf", about(plan.edge, cloud), loadBalancer(cloud)),
    file("security-groups.tf", "Who may connect to whom.", securityGroupBlocks(cloud)),
    file("certificate.tf", "What clients are shown.", certificateBlocks(cloud)),
    file("dns.tf", "How clients find it.", dnsBlocks(cloud)),
    file("outputs.tf", "What others need to know of it.", outputBlocks(cloud)),
  ].flat();
}

function loadBalancer(cloud: CloudPlan): readonly Block[] {
  return cloud.kind === "aws-nlb" ? nlbBlocks(cloud) : classicElbBlocks(cloud);
}

function about(edge: string, { kind }: CloudPlan): string {
  const what = kind === "aws-nlb" ? "network load balancer" : "classic load balancer";
  return `The ${what} of the edge ${edge}, written by Portico: change its description and render again.`;
}

function file(name: string, purpose: string, blocks: readonly Block[]): readonly EmittedFile[] {
  return blocks.length === 0 ? [] : [printFile(`cloud/${name}`, purpose, blocks)];
}

/** Version 6 of the provider; the least that was tried. No provider block: the importing configuration has it. */
function requirements(): Block {
  return block(
    "terraform",
    [],
    [
      set("required_version", ">= 1.5"),
      block(
        "required_providers",
        [],
        [set("aws", mapping({ source: "hashicorp/aws", version: ">= 6.0, < 7.0" }))],
      ),
    ],
  );
}

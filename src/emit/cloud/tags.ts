// The tags of all resources in the module.
import type { CloudPlan } from "../../plan/cloud-plan.ts";
import { type Block, block, call, mapping, reference, set } from "./hcl.ts";

/** The account's tags take precedence: it may have policies about them. */
export function tagsBlock({ tags }: CloudPlan): Block {
  return block("locals", [set("tags", call("merge", mapping(tags), reference("var.tags")))]);
}

// The tags that everything in the module has.
import type { CloudPlan } from "../../plan/cloud-plan.ts";
import { type Block, block, call, mapping, reference, set } from "./hcl.ts";

/** The account's tags win: it may have rules about them. */
export function tagsBlock({ tags }: CloudPlan): Block {
  return block("locals", [set("tags", call("merge", mapping(tags), reference("var.tags")))]);
}

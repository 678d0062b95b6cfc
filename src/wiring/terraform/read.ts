// Terraform → load balancers and security groups, with notes about what could not be read or is not known.
import type { SourceFile } from "../../source/source-file.ts";
import type { LoadBalancer, SecurityGroup } from "../cloud.ts";
import type { KubernetesObject, LeftOut, Wiring } from "../wiring.ts";
import { readClassicElb } from "./classic-elb.ts";
import { edgeOf } from "./edge.ts";
import { evaluate, type Work } from "./evaluate.ts";
import { type Folder, type FoldersRead, readFolders } from "./folder.ts";
import { loadGrammar } from "./grammar.ts";
import { isInstalled } from "./installed-modules.ts";
import { kubernetesObjects } from "./kubernetes.ts";
import { lbTypes, readLb } from "./lb.ts";
import { callModule, isLocal, joined, sourceOf } from "./module.ts";
import { planResources } from "./plan.ts";
import type { Resource } from "./resource.ts";
import { edgeTypes, resourcesOf } from "./resources.ts";
import { readOutsideGroups, readSecurityGroup, securityGroupTypes } from "./security-groups.ts";
import type { Value } from "./value.ts";

export type TerraformReading = Pick<Wiring, "loadBalancers" | "securityGroups" | "leftOut" | "objects">;

/**
 * Reads `.tf`, `.tf.json`, `.tfvars`, `.tfvars.json` and the output of `terraform show -json`. Folders count as
 * Terraform counts them: a folder that another calls as a module is read through its calls, every other one by
 * itself. Never throws for the content of the files.
 */
export async function readTerraform(files: readonly SourceFile[]): Promise<TerraformReading> {
  const parse = await loadGrammar();
  const read = readFolders(files, parse);
  try {
    return readEdges(read);
  } finally {
    read.release();
  }
}

function readEdges(read: FoldersRead): TerraformReading {
  const leftOut: LeftOut[] = [...read.leftOut];
  const loadBalancers: LoadBalancer[] = [];
  const securityGroups: SecurityGroup[] = [];
  const objects: KubernetesObject[] = [];
  const leaveOut = (left: LeftOut): void => {
    leftOut.push(left);
  };
  const plans = read.plans.map((json) => planResources(json, leaveOut));
  for (const resources of [...configurationsOf(read, leftOut), ...plans]) {
    const edge = edgeOf(resources, leaveOut);
    objects.push(...kubernetesObjects(resources, leaveOut));
    for (const elb of edge.ofType("aws_elb")) loadBalancers.push(readClassicElb(elb, edge));
    for (const lb of edge.ofType(...lbTypes)) {
      const made = readLb(lb, edge);
      if (made !== undefined) loadBalancers.push(made);
    }
    for (const group of edge.ofType(...securityGroupTypes))
      securityGroups.push(readSecurityGroup(group, edge));
    securityGroups.push(...readOutsideGroups(edge));
  }
  return { loadBalancers, securityGroups, objects, leftOut };
}

/** The resources that concern an edge, of one root module each. */
function configurationsOf(read: FoldersRead, leftOut: LeftOut[]): readonly (readonly Resource[])[] {
  const roots = rootsOf([...read.folders.values()]);
  const ambiguous = haveTheSame(roots);
  return roots.map((folder) => {
    const reading = {
      folders: read.folders,
      installed: read.installed,
      work: { waiting: 0, done: 0 },
      calls: { count: 0 },
    };
    const given = givenTo(folder, reading.work);
    const root = callModule(folder, ambiguous ? `${folder.path || "."}/` : "", given, reading);
    return resourcesOf(root, (left) => leftOut.push(left));
  });
}

function rootsOf(folders: readonly Folder[]): readonly Folder[] {
  const called = new Set<string>();
  const own = folders.filter(({ path }) => !isInstalled(`${path}/`));
  for (const folder of own) {
    for (const block of folder.modules.values()) {
      const source = sourceOf(block);
      const target = source !== undefined && isLocal(source) ? joined(folder.path, source) : undefined;
      if (target !== undefined && target !== folder.path) called.add(target);
    }
  }
  const roots = own.filter(({ path }) => !called.has(path));
  // Modules that call each other in a cycle have no root.
  return roots.length === 0 ? own : roots;
}

/** Whether an address means one resource in one folder and another in another. */
function haveTheSame(roots: readonly Folder[]): boolean {
  const seen = new Set<string>();
  for (const { resources, modules } of roots) {
    const own = [...resources]
      .filter(([, { labels }]) => edgeTypes.has(labels[0] ?? ""))
      .map(([name]) => name);
    for (const name of [...own, ...[...modules.keys()].map((module) => `module.${module}`)]) {
      if (seen.has(name)) return true;
      seen.add(name);
    }
  }
  return false;
}

/** Values of a root module from files of variables. They contain values but no declarations. */
function givenTo(folder: Folder, work: Work): (name: string) => Value | undefined {
  const scope = { local: new Map<string, Value>(), lookup: () => undefined, work };
  return (name) => {
    const expression = folder.given.get(name);
    return expression === undefined ? undefined : evaluate(expression, scope);
  };
}

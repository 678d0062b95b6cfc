// Strategic merge patches and JSON patches (RFC 6902), as kustomize applies them.
import { isRecord, type Path } from "../../../source/data.ts";
import { childOf, childrenOf, descendant, listOf, mapOf, type Tree, withValue } from "./tree.ts";

/** Lists whose items are merged by a key (Kubernetes, "patchMergeKey" of the API types); all others are replaced. */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  ephemeralContainers: ["name"],
  env: ["name"],
  volumes: ["name"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
  imagePullSecrets: ["name"],
  hostAliases: ["ip"],
  topologySpreadConstraints: ["topologyKey"],
  // Of a container, and of a Service.
  ports: ["containerPort", "port"],
};

/** Kinds of Kubernetes itself: patches of other kinds replace lists. */
const KNOWN_GROUPS = /^(?:v1|(?:apps|batch|autoscaling|policy|extensions|networking\.k8s\.io)\/\w+)$/;

/** undefined: the patch deletes the object. */
export function strategicMerge(base: Tree, patch: Tree, apiVersion: string): Tree | undefined {
  return merged(base, patch, KNOWN_GROUPS.test(apiVersion));
}

function merged(base: Tree, patch: Tree, byKeys: boolean): Tree | undefined {
  if (!isRecord(patch.data)) return patch;
  const directive = patch.data.$patch;
  if (directive === "delete") return undefined;
  const own = childrenOf(patch).filter(([key]) => !String(key).startsWith("$")) as readonly (readonly [
    string,
    Tree,
  ])[];
  if (directive === "replace" || !isRecord(base.data)) return mapOf(own.flatMap(withoutNull), patch);
  const entries = new Map(childrenOf(base) as readonly (readonly [string, Tree])[]);
  for (const [key, value] of own) {
    const before = entries.get(key);
    const after = value.data === null ? undefined : mergedValue(key, before, value, byKeys);
    if (after === undefined) entries.delete(key);
    else entries.set(key, after);
  }
  return mapOf([...entries], base);
}

function withoutNull([key, tree]: readonly [string, Tree]): readonly (readonly [string, Tree])[] {
  return tree.data === null ? [] : [[key, tree]];
}

function mergedValue(key: string, before: Tree | undefined, value: Tree, byKeys: boolean): Tree | undefined {
  if (before === undefined) return isRecord(value.data) ? merged(emptyLike(value), value, byKeys) : value;
  if (Array.isArray(value.data) && Array.isArray(before.data) && byKeys) {
    const name = MERGE_KEYS[key]?.find((one) => every(value, (item) => isRecord(item) && one in item));
    return name === undefined ? value : mergedList(before, value, name);
  }
  return merged(before, value, byKeys);
}

function emptyLike(tree: Tree): Tree {
  return { data: {}, from: tree.from };
}

function every(list: Tree, holds: (item: unknown) => boolean): boolean {
  return Array.isArray(list.data) && list.data.every(holds);
}

/** Items of the patch come first, in its order, as in kustomize. */
function mergedList(before: Tree, patch: Tree, name: string): Tree {
  const items = childrenOf(before).map(([, item]) => item);
  const first: Tree[] = [];
  for (const [, item] of childrenOf(patch)) {
    const at = items.findIndex((one) => sameKey(one, item, name));
    const [known] = at < 0 ? [] : items.splice(at, 1);
    const after = merged(known ?? emptyLike(item), item, true);
    if (after !== undefined) first.push(after);
  }
  return listOf([...first, ...items], before);
}

/** The merge key of ports includes the protocol. */
function sameKey(one: Tree, other: Tree, name: string): boolean {
  const protocol = (tree: Tree): unknown => childOf(tree, "protocol")?.data ?? "TCP";
  return (
    childOf(one, name)?.data === childOf(other, name)?.data &&
    (!/port$/i.test(name) || protocol(one) === protocol(other))
  );
}

/** Applies a JSON patch (RFC 6902); returns the problem if an operation cannot be applied. */
export function applyJsonPatch(
  base: Tree,
  patch: Tree,
): { readonly tree: Tree } | { readonly problem: string } {
  let tree = base;
  for (const [, operation] of childrenOf(patch)) {
    const [op, path, from] = ["op", "path", "from"].map((name) => childOf(operation, name)?.data);
    if (typeof op !== "string" || typeof path !== "string")
      return { problem: "an operation has no op and path" };
    const steps = stepsOf(path);
    const done = applyOne(
      tree,
      op,
      steps,
      childOf(operation, "value"),
      typeof from === "string" ? from : undefined,
    );
    if (done === undefined) return { problem: `\`${op}\` finds nothing at ${path}` };
    tree = done;
  }
  return { tree };
}

function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function applyOne(
  tree: Tree,
  op: string,
  steps: readonly string[],
  value: Tree | undefined,
  from: string | undefined,
): Tree | undefined {
  const above = pathTo(tree, steps.slice(0, -1));
  const last = steps.at(-1);
  if (above === undefined || last === undefined) return undefined;
  const holder = descendant(tree, above);
  if (holder === undefined) return undefined;
  const exists = childOf(holder, stepIn(holder, last)) !== undefined;
  switch (op) {
    case "add":
      return value === undefined ? undefined : added(tree, above, holder, last, value);
    case "replace":
      return exists && value !== undefined
        ? withValue(tree, [...above, stepIn(holder, last)], value)
        : undefined;
    case "remove":
      return exists ? withValue(tree, [...above, stepIn(holder, last)], undefined) : undefined;
    case "test":
      return JSON.stringify(childOf(holder, stepIn(holder, last))?.data) === JSON.stringify(value?.data)
        ? tree
        : undefined;
    case "copy":
    case "move": {
      const source = from === undefined ? undefined : pathTo(tree, stepsOf(from));
      const taken = source && descendant(tree, source);
      if (source === undefined || taken === undefined) return undefined;
      const rest = op === "move" ? withValue(tree, source, undefined) : tree;
      return applyOne(rest, "add", steps, taken, undefined);
    }
    default:
      return undefined;
  }
}

function added(tree: Tree, above: Path, holder: Tree, last: string, value: Tree): Tree | undefined {
  if (!Array.isArray(holder.data)) return withValue(tree, [...above, last], value);
  const items = childrenOf(holder).map(([, item]) => item);
  const at = last === "-" ? items.length : Number(last);
  if (!Number.isInteger(at) || at > items.length) return undefined;
  const list = listOf(items.toSpliced(at, 0, value), holder);
  return above.length === 0 ? list : withValue(tree, above, list);
}

function stepIn(holder: Tree, step: string): string | number {
  return Array.isArray(holder.data) ? Number(step) : step;
}

/** Steps with the indices of lists as numbers; undefined: there is nothing. */
function pathTo(tree: Tree, steps: readonly string[]): Path | undefined {
  const path: (string | number)[] = [];
  let at: Tree | undefined = tree;
  for (const step of steps) {
    const next: string | number = stepIn(at, step);
    at = childOf(at, next);
    if (at === undefined) return undefined;
    path.push(next);
  }
  return path;
}

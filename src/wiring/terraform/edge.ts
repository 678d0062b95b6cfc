// The resources of one configuration that form an edge, and their references.

import type { LeftOut } from "../wiring.ts";
import type { Known } from "../written.ts";
import { elementsIn, resourceNamed } from "./known-arguments.ts";
import type { Blocks, Resource } from "./resource.ts";
import { asText } from "./value.ts";

export interface Edge {
  readonly ofType: (...types: readonly string[]) => readonly Resource[];
  /** Whether an argument of `of` names `wanted`. One that cannot be known is left out, once. */
  readonly belongs: (
    of: Resource,
    argument: string,
    wanted: Resource,
    among: readonly Resource[],
    by: readonly string[],
  ) => boolean;
  /** Whether any of these resources names `wanted` in that argument. */
  readonly attached: (
    trafficPaths: readonly { readonly type: string; readonly argument: string }[],
    wanted: Resource,
    among: readonly Resource[],
    by: readonly string[],
  ) => Known<boolean>;
  /** Reports blocks that could not be read. */
  readonly mayBeMore: (blocks: Blocks, what: string) => void;
  readonly leaveOut: (leftOut: LeftOut) => void;
}

export function edgeOf(resources: readonly Resource[], leaveOut: (leftOut: LeftOut) => void): Edge {
  const dormant = resources.filter((resource) => resource.dormant);
  const byType = Map.groupBy(
    resources.filter((resource) => !resource.dormant),
    ({ type }) => type,
  );
  const ofType: Edge["ofType"] = (...types) => types.flatMap((type) => byType.get(type) ?? []);
  /** The resource that an argument refers to, computed once. */
  const targets = new Map<Resource, Map<string, ReadonlySet<Resource>>>();
  const targetsOf = (of: Resource, argument: string, among: readonly Resource[], by: readonly string[]) => {
    const known = targets.get(of) ?? new Map<string, ReadonlySet<Resource>>();
    targets.set(of, known);
    const before = known.get(argument);
    if (before !== undefined) return before;
    const found = new Set<Resource>();
    for (const value of elementsIn(of.arguments, argument)) {
      const resource = resourceNamed(value, among, by);
      if (resource !== undefined) found.add(resource);
      else if (asText(value) === undefined && value.source === undefined && value.kind === "unknown") {
        leaveOut({
          what: `${of.address} is left out: its ${argument} is not known`,
          why: value.why,
          severity: "note",
          at: value.at,
        });
      }
    }
    known.set(argument, found);
    return found;
  };
  return {
    ofType,
    belongs: (of, argument, wanted, among, by) => targetsOf(of, argument, among, by).has(wanted),
    attached: (trafficPaths, wanted, among, by) => {
      for (const { type, argument } of trafficPaths) {
        const found = ofType(type).find((resource) => targetsOf(resource, argument, among, by).has(wanted));
        if (found !== undefined) return { value: true, at: found.at };
      }
      for (const { type, argument } of trafficPaths) {
        for (const resource of ofType(type)) {
          const hole = elementsIn(resource.arguments, argument).find(
            ({ kind, source }) => kind === "unknown" && source === undefined,
          );
          if (hole?.kind === "unknown") return { unknown: hole.why, at: hole.at };
        }
      }
      const asleep = dormant.find((resource) =>
        trafficPaths.some(
          ({ type, argument }) =>
            type === resource.type && targetsOf(resource, argument, among, by).has(wanted),
        ),
      );
      if (asleep === undefined) return { value: false };
      return { unknown: `${asleep.address} attaches none unless a variable lists some`, at: asleep.at };
    },
    mayBeMore: ({ missing }, what) => {
      if (missing !== undefined) leaveOut({ what, why: missing.why, severity: "note", at: missing.at });
    },
    leaveOut,
  };
}

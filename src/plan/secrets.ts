// Secrets of an edge: HAProxy reads them from its environment, and no rendered file but a Kubernetes Secret has their text.
import type { Position } from "../findings/finding.ts";
import { HiddenText } from "../findings/hidden-text.ts";
import type { Plan } from "./plan.ts";

export interface SecretPlan {
  /** HAProxy's environment variable: `STATS_PASSWORD`. */
  readonly variable: string;
  readonly from:
    | { readonly kind: "description"; readonly text: HiddenText }
    /** A Secret in the edge's namespace that others make. */
    | { readonly kind: "secret"; readonly name: string; readonly key: string };
  readonly at: Position | undefined;
}

/** As a description has it: the text, or where it is. */
export type DescribedSecret = string | { readonly secret: string; readonly key: string };

export function planSecret(
  variable: string,
  described: DescribedSecret,
  at: Position | undefined,
): SecretPlan {
  return {
    variable,
    at,
    from:
      typeof described === "string"
        ? { kind: "description", text: new HiddenText(described) }
        : { kind: "secret", name: described.secret, key: described.key },
  };
}

/** All that HAProxy's environment has to hold, each variable once. */
export function secretsOf({ stats, backends }: Pick<Plan, "stats" | "backends">): readonly SecretPlan[] {
  const all = [stats?.user?.password, ...backends.map(({ sticky }) => sticky?.key)].filter(
    (secret) => secret !== undefined,
  );
  return [...new Map(all.map((secret) => [secret.variable, secret])).values()];
}

// Names of the proxies in haproxy.cfg. A described backend keeps its name; a name made here avoids all of those.
import type { ListenerPlan, Plan } from "./plan.ts";

/** Names that are in use. */
type Taken = Pick<ReadonlySet<string>, "has">;

/** The wanted name, or with `-2`, `-3` and so on at its end where it is taken. */
export function freeName(taken: Taken, wanted: string): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}-${count}`;
  return name;
}

/** The same for file names; those `taken` are in lower case, because file systems of macOS and Windows ignore letter case. */
export function freeFileName(taken: Taken, wanted: string): string {
  return freeName({ has: (name) => taken.has(name.toLowerCase()) }, wanted);
}

export type OwnFrontend = "stats" | "probes" | "load-balancer-check";

/**
 * The frontend of a listener (`public-https`), or of a port that serves no routes. HAProxy 3.3 and newer refuse a frontend
 * with the name of a backend; older versions accept it.
 */
export function frontendName(
  { backends }: { readonly backends: readonly { readonly name: string }[] },
  frontend: Pick<ListenerPlan, "entrance" | "scheme"> | OwnFrontend,
): string {
  const wanted = typeof frontend === "string" ? frontend : `${frontend.entrance}-${frontend.scheme}`;
  return freeName(new Set(backends.map(({ name }) => name)), wanted);
}

/** The backend section for requests without a route. */
export function noRouteName({ backends }: Pick<Plan, "backends">): string {
  return freeName(new Set(backends.map(({ name }) => name)), "no-route");
}

/**
 * A backend's section for routes with a number of retries of their own. `described`: the names of all described backends.
 * No two backends have the same: what follows the last `-retries-` is a number, and then at most one more.
 */
export function variantName(described: Taken, backend: string, retries: number): string {
  return freeName(described, `${backend}-retries-${retries}`);
}

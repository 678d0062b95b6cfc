// The request as the client sent it.

import { wordsBeforeCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { AddressDimension } from "../dimension.ts";
import { TRUE } from "../formula.ts";
import { either, one } from "./choice.ts";
import { CLIENT, CONNECTED_CLIENT, METHOD, PATH, QUERY } from "./request-dimensions.ts";
import { rewrite } from "./rewrites.ts";
import type { Scope, Store, World } from "./scope.ts";
import { ABSENT, type Scalar, source, type Value } from "./value.ts";

export function initialStore(world: World, frontend: HaproxyProxy): Store {
  const { formulas } = world;
  const query: Value = either(
    formulas.test({ on: QUERY, test: { kind: "present" } }),
    one<Scalar | undefined>(source(QUERY)),
    ABSENT,
  );
  const readsProxyHeader =
    frontend.expectProxy.length > 0 || frontend.binds.some(({ acceptProxy }) => acceptProxy);
  const client = addressOf(world, CLIENT, "src");
  const method = one<Scalar | undefined>(source(METHOD));
  const store: Store = {
    variables: new Map(),
    method,
    receivedMethod: method,
    path: one<Scalar | undefined>(source(PATH)),
    query,
    receivedQuery: query,
    client,
    connectedClient: readsProxyHeader ? addressOf(world, CONNECTED_CLIENT, "src of the connection") : client,
    headers: new Map(),
    removals: [],
    response: undefined,
  };
  setProcessVariables(world, frontend, store);
  return store;
}

function addressOf({ formulas }: World, on: AddressDimension, id: string): Value {
  return one<Scalar | undefined>({
    kind: "address",
    id,
    within: (networks) =>
      formulas.test({ on, test: { kind: "networks", networks: networks.toSorted(), comparedBy: "haproxy" } }),
  });
}

/** `set-var proc.x str(a)` of the section `global`. */
function setProcessVariables(world: World, proxy: HaproxyProxy, store: Store): void {
  const scope: Scope = {
    world,
    formulas: world.formulas,
    at: proxy.at,
    proxy,
    section: proxy,
    frontend: proxy,
    store,
    http: false,
    phase: "request",
  };
  for (const { kind, lines } of world.config.sections) {
    if (kind !== "global") continue;
    for (const line of lines) {
      const [action = "", name = "", ...words] = wordsBeforeCondition(line).map(({ value }) => value);
      if (action === "set-var" || action === "set-var-fmt") rewrite(scope, `${action}(${name})`, words, TRUE);
    }
  }
}

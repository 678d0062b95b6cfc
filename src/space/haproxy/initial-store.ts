// The request as the client sent it.

import { wordsBeforeCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { AddressDimension, TextDimension } from "../dimension.ts";
import { TRUE } from "../formula.ts";
import { either, one } from "./choice.ts";
import { CLIENT, CONNECTED_CLIENT, METHOD } from "./request-dimensions.ts";
import { rewrite } from "./rewrites.ts";
import type { Scope, Store, World } from "./scope.ts";
import { ABSENT, type Scalar, source, type Value } from "./value.ts";

export function initialStore(world: World, frontend: HaproxyProxy): Store {
  const { path, query: on } = world.dimensions;
  const query = presentOrAbsent(world, on);
  const readsProxyHeader =
    frontend.expectProxy.length > 0 || frontend.binds.some(({ acceptProxy }) => acceptProxy);
  const client = overSocket(world, frontend, addressOf(world, CLIENT, "src"));
  const method = one<Scalar | undefined>(source(METHOD));
  const store: Store = {
    changedBlindly: false,
    variables: new Map(),
    changes: new Map(),
    method,
    receivedMethod: method,
    path: path.optional ? presentOrAbsent(world, path) : one<Scalar | undefined>(source(path)),
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

function presentOrAbsent({ formulas }: World, on: TextDimension): Value {
  const present = formulas.test({ on, test: { kind: "present" } });
  return either(present, one<Scalar | undefined>(source(on)), ABSENT);
}

/** A client of a UNIX socket has no address. */
function overSocket({ everyRequest, formulas }: World, { binds }: HaproxyProxy, client: Value): Value {
  if (!everyRequest || binds.every(({ address }) => address.path === undefined)) return client;
  const on = {
    kind: "unknown",
    id: "state:address of the client",
    text: "src -m found",
    why: "UNIX socket",
    at: undefined,
  } as const;
  return either(formulas.test({ on, test: { kind: "holds" } }), client, ABSENT);
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
      if ((action === "set-var" || action === "set-var-fmt") && !world.maySet(name))
        rewrite(scope, `${action}(${name})`, words, TRUE);
    }
  }
}

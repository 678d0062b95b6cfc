// What HAProxy knows about the connection of a request: its bind, ports, TLS.
import type { HaproxyBind } from "../../wiring/haproxy/wiring.ts";
import type { TextDimension } from "../dimension.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import { casesOf, either, one } from "./choice.ts";
import { fixed } from "./header-lines.ts";
import { CLIENT_HELLO, DESTINATION_PORT, HTTP_VERSION } from "./request-dimensions.ts";
import type { Scope } from "./scope.ts";
import { ABSENT, constant, type Scalar, source, type Value } from "./value.ts";

export function optional({ formulas }: Scope, on: TextDimension): Value {
  return either(
    formulas.test({ on, test: { kind: "present" } }),
    one<Scalar | undefined>(source(on)),
    ABSENT,
  );
}

/** Where HTTP is read, TLS has been terminated. Without `inspect-delay` the ClientHello may not be there yet. */
export function inHello({ proxy, formulas, world }: Scope, value: Value): Value | undefined {
  if (proxy.mode.value === "http") return ABSENT;
  const waits = proxy.section.lines.some(({ tokens }) => tokens[1]?.value === "inspect-delay");
  if (world.everyRequest && !waits) return undefined;
  return either(
    formulas.test({ on: CLIENT_HELLO, test: { kind: "one-of", values: ["yes"] } }),
    value,
    ABSENT,
  );
}

/** The request came to one of these binds. */
export function ofBinds(scope: Scope, matches: (bind: HaproxyBind) => boolean): Formula {
  const { binds } = scope.frontend;
  if (binds.every(matches)) return binds.length === 0 ? FALSE : TRUE;
  return listenersAre(scope, binds.filter(matches));
}

function listenersAre({ world, formulas }: Scope, binds: readonly HaproxyBind[]): Formula {
  const values = binds.flatMap((bind) => world.listenerOf.get(bind) ?? []);
  return values.length === 0
    ? FALSE
    : formulas.test({ on: world.listener, test: { kind: "one-of", values } });
}

export function byBind(scope: Scope, nameOf: (bind: HaproxyBind) => string | undefined): Value {
  const cases = scope.frontend.binds.map((bind) => {
    const value = nameOf(bind);
    return {
      when: listenersAre(scope, [bind]),
      gives: value === undefined ? ABSENT : one<Scalar | undefined>(constant(value)),
    };
  });
  return casesOf(cases, ABSENT, true);
}

export function majorVersion({ formulas }: Scope): Scalar {
  const versions = HTTP_VERSION.values ?? [];
  return {
    kind: "number",
    id: "fc_http_major",
    range: (from, to) => {
      // HTTP/0.9 is read as HTTP/1.
      const major = (version: string) => Math.max(1, Number(version[0]));
      const values = versions.filter((version) => from <= major(version) && major(version) <= to);
      if (values.length === 0) return FALSE;
      return values.length === versions.length
        ? TRUE
        : formulas.test({ on: HTTP_VERSION, test: { kind: "one-of", values } });
    },
  };
}

function portInHeader({ formulas }: Scope): Scalar {
  const { from: least, to: most } = DESTINATION_PORT;
  return {
    kind: "number",
    id: DESTINATION_PORT.id,
    range: (from, to) => {
      const [low, high] = [Math.max(from, least), Math.min(to, most)];
      if (low > high) return FALSE;
      return low === least && high === most
        ? TRUE
        : formulas.test({ on: DESTINATION_PORT, test: { kind: "range", from: low, to: high } });
    },
  };
}

/** A PROXY header carries the port that the client connected to. */
export function destinationPort(scope: Scope): Value {
  const { binds } = scope.frontend;
  const isKnown = binds.every(
    ({ acceptProxy, address: { ports } }) => !acceptProxy && ports?.from === ports?.to,
  );
  const expects = scope.frontend.expectProxy.length > 0;
  // The kernel may redirect connections to other ports, and rules change it.
  if (!isKnown || expects || scope.world.everyRequest) return one(portInHeader(scope));
  const cases = binds.map((bind) => ({
    when: listenersAre(scope, [bind]),
    gives: one<Scalar | undefined>(fixed(bind.address.ports?.from ?? 0)),
  }));
  const last = cases.pop();
  return casesOf(cases, last?.gives ?? ABSENT, true);
}

export function sniPresent(scope: Scope): Formula {
  const { formulas } = scope;
  const ssl = ofBinds(scope, (bind) => bind.ssl);
  return formulas.and(
    ssl,
    formulas.test({ on: scope.world.dimensions.serverName, test: { kind: "present" } }),
  );
}

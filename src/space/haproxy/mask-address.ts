// The converter `ipmask` of the client address.
import { FALSE, type Formula } from "../formula.ts";
import { either, one } from "./choice.ts";
import type { Scope } from "./scope.ts";
import { unknown } from "./text-tests.ts";
import { ABSENT, type Scalar, type Value } from "./value.ts";

/** `src,ipmask(24)`, with nothing for IPv6 addresses: a network holds the masked address where it holds the first of its network. */
export function masked(scope: Scope, scalar: Scalar, [bits, bits6]: readonly string[]): Value | undefined {
  const length = Number(bits);
  if (scalar.kind !== "address" || bits6 !== undefined || !(length >= 0 && length <= 32)) return undefined;
  const id = `${scalar.id},ipmask(${bits})`;
  const within = (networks: readonly string[]): Formula => {
    const [six, four] = [
      networks.filter((one) => one.includes(":")),
      networks.filter((one) => !one.includes(":")),
    ];
    const held = four.flatMap((network) => widened(network, length) ?? []);
    const text = `${id} ${six.join(" ")}`;
    const ofSix =
      six.length === 0
        ? FALSE
        : unknown(scope, { id: text, text, why: "an IPv4 address in an IPv6 network" });
    return scope.formulas.or(held.length === 0 ? FALSE : scalar.within(held), ofSix);
  };
  return either(
    scalar.within(["::ffff:0:0/96"]),
    one<Scalar | undefined>({ kind: "address", id, within }),
    ABSENT,
  );
}

/** The addresses that the first `length` bits move into an IPv4 network; undefined: none. */
function widened(network: string, length: number): string | undefined {
  const [address = "", bits = "32"] = network.split("/");
  if (Number(bits) <= length) return network;
  const front = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const first = front - (front % 2 ** (32 - Number(bits)));
  return first % 2 ** (32 - length) === 0 ? `${address}/${length}` : undefined;
}

// The request that a client sends after a redirect, from the request that was redirected.
import { constantText, type Part } from "../haproxy/value.ts";
import type { Witness } from "../witness.ts";
import { sourceOf } from "./after-redirect.ts";
import type { RedirectTarget } from "./redirect-target.ts";

export function nextWitness(
  witness: Witness,
  { host, port, path, query, listener }: RedirectTarget,
): Witness {
  const [, name = "", number] = /^(.*?)(?::(\d+))?$/.exec(witness.host ?? "") ?? [];
  const [ownPath = "", ...behind] = witness.target.split("?");
  const values: Record<string, string | undefined> = {
    ...{ host: name, "host-port": number, path: ownPath, method: witness.method },
    query: behind.length === 0 ? undefined : behind.join("?"),
  };
  const written = (parts: readonly Part[]) => parts.map((part) => writtenPart(part, values)).join("");
  const [newHost, newPort] = [written(host), port && written(port)];
  const isWithoutQuery = query === undefined || (sourceOf(query) === "query" && values.query === undefined);
  return {
    ...witness,
    listener: listener.name,
    host: newPort === undefined || newPort === "" ? newHost : `${newHost}:${newPort}`,
    target: `${written(path)}${isWithoutQuery ? "" : `?${written(query)}`}`,
  };
}

function writtenPart(part: Part, values: Readonly<Record<string, string | undefined>>): string {
  if (part.kind !== "source") return constantText([part]) ?? "";
  const dropped = part.through.reduce((sum, one) => sum + (one.kind === "after" ? one.front.length : 0), 0);
  return values[part.on.id]?.slice(dropped) ?? "";
}

// The backends of a configuration: by name, and whether they have a server.
import { directiveOf } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { World } from "./scope.ts";

const backendsByName = new WeakMap<World["wiring"], ReadonlyMap<string, HaproxyProxy>>();

/** Of several with the name, the first. */
export function backendOf({ wiring }: World, name: string): HaproxyProxy | undefined {
  let known = backendsByName.get(wiring);
  if (known === undefined) {
    const backends = wiring.proxies.filter(({ kind }) => kind !== "frontend").toReversed();
    known = new Map(backends.map((proxy) => [proxy.name, proxy]));
    backendsByName.set(wiring, known);
  }
  return known.get(name);
}

export function hasServer({ servers, section }: HaproxyProxy): boolean {
  const others = ["dispatch", "option", "server", "server-template", "use-fcgi-app"];
  return (
    servers.length > 0 ||
    section.lines.some((line) => {
      const words = directiveOf(line).words.map(({ value }) => value);
      return words[0] === "option"
        ? words[1] === "transparent" || words[1] === "http_proxy"
        : others.includes(words[0] ?? "");
    })
  );
}

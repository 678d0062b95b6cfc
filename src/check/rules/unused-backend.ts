// unused-backend: backend that no rule leads to.
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { namesFromRequest } from "../layers/haproxy-view.ts";
import { mayUseAnyName, mentionsIn } from "../layers/names-in-config.ts";
import type { Rule, RuleFinding } from "../rule.ts";

export const unusedBackendOfLayers: Rule = {
  code: "unused-backend",
  severity: "warning",
  writtenByHand: true,
  check: (wiring) => wiring.haproxies.filter((layer) => !mayUseAnyName(layer)).flatMap(unusedIn),
};

function unusedIn(layer: HaproxyLayer): readonly RuleFinding[] {
  const { proxies } = layer.wiring;
  // Another file may contain the frontends; a name built from a request may be any backend.
  if (!proxies.some(({ binds }) => binds.length > 0) || proxies.some(namesFromRequest)) return [];
  return proxies
    .filter((proxy) => proxy.kind === "backend" && proxy.servers.length > 0 && !isMentioned(layer, proxy))
    .map(({ name, at }) => ({
      what: `no rule leads to the backend \`${name}\``,
      why: "The backend gets no requests, and HAProxy still checks its servers.",
      remedy: `Write a \`use_backend ${name}\` or \`default_backend ${name}\`, or remove the section.`,
      at: [at],
    }));
}

function isMentioned(layer: HaproxyLayer, { name, section }: HaproxyProxy): boolean {
  return [...(mentionsIn(layer).get(name) ?? [])].some((line) => line !== section.header);
}

// Published ports of a Compose service: the short and the long syntax (compose-spec, 05-services.md, `ports`).
import { isRecord } from "../../source/data.ts";
import type { ContainerPort } from "../wiring.ts";
import type { ComposeMap } from "./values.ts";

/** One entry for each port of a range; without UDP ports and ports with a variable that has no default. */
export function portsOf(service: ComposeMap): readonly ContainerPort[] {
  return service.list("ports").flatMap((written, index): readonly ContainerPort[] => {
    const at = service.at("ports", index);
    const entry = isRecord(written) ? longPort(written) : shortPort(String(written));
    if (entry === undefined || entry.protocol === "udp") return [];
    const targets = rangeOf(entry.target);
    const published = entry.published === undefined ? [] : rangeOf(entry.published);
    return targets.map((target, step) => {
      // A range of host ports for one container port: any of them.
      const host = published.length === targets.length ? published[step] : undefined;
      return {
        port: { value: target, at },
        ...(host === undefined ? {} : { hostPort: { value: host, at } }),
        at,
      };
    });
  });
}

/** Ports that other services connect to: `expose` is a list of ports, ranges and `PORT/PROTOCOL`. */
export function exposedIn(service: ComposeMap) {
  return service.list("expose").flatMap((written, index) => {
    const [ports = "", protocol = "tcp"] = String(written).split("/");
    return protocol === "udp"
      ? []
      : rangeOf(ports).map((value) => ({ value, at: service.at("expose", index) }));
  });
}

interface PortEntry {
  readonly target: string;
  readonly published?: string | undefined;
  readonly protocol: string;
}

function longPort({ target, published, protocol }: Readonly<Record<string, unknown>>): PortEntry | undefined {
  if (target === undefined) return undefined;
  return {
    target: String(target),
    published: published === undefined || published === null ? undefined : String(published),
    protocol: typeof protocol === "string" ? protocol : "tcp",
  };
}

/** `[[IP:]HOST:]CONTAINER[/PROTOCOL]`; an IPv6 address is in brackets. */
function shortPort(text: string): PortEntry | undefined {
  const found = /^(?:(?:\[[^\]]*\]|[\w.]*):(?=[^:]*:))?(?:([\d-]*):)?([\d-]+)(?:\/(\w+))?$/.exec(text);
  const [, published, target, protocol = "tcp"] = found ?? [];
  return target === undefined ? undefined : { target, published: published || undefined, protocol };
}

/** Whether an entry of the short syntax has a container port, or may have one: it contains a variable. */
export function isPort(text: string): boolean {
  if (text.includes("$")) return true;
  const target = shortPort(text)?.target;
  return target !== undefined && rangeOf(target).length > 0;
}

/** Longer ranges are ignored: an edge does not publish that many ports. */
const LONGEST_RANGE = 200;

function rangeOf(text: string): readonly number[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === undefined || to < from || to - from > LONGEST_RANGE || to > 65_535) return [];
  return Array.from({ length: to - from + 1 }, (_, step) => from + step);
}

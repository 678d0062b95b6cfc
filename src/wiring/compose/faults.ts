// What `docker compose` refuses in a file: undefined networks, volumes, configs, secrets and services, and invalid ports.
import type { Position } from "../../findings/finding.ts";
import { isRecord } from "../../source/data.ts";
import { isPlaceholder } from "../placeholder.ts";
import { isPort } from "./ports.ts";
import type { ComposeMap } from "./values.ts";

export interface ComposeFault {
  /** "service `edge` is on the network `front`, which is not defined". */
  readonly what: string;
  readonly at: Position;
}

interface Reference {
  readonly to: string;
  /** As a part of "service `edge` … the network `front`". */
  readonly relation: string;
  readonly at: Position;
}

/** `isOpen`: other files may define what this one does not (compose-go, checkConsistency). */
export function composeFaults(root: ComposeMap, isOpen: boolean): readonly ComposeFault[] {
  const services = root.map("services");
  const defined = {
    networks: new Set(["default", ...root.map("networks").keys]),
    volumes: new Set(root.map("volumes").keys),
    configs: new Set(root.map("configs").keys),
    secrets: new Set(root.map("secrets").keys),
    depends_on: new Set(services.keys),
  };
  return services.keys.flatMap((name) => {
    const service = services.map(name);
    const undefinedIn = (field: keyof typeof defined, references: readonly Reference[]) =>
      references
        .filter(({ to }) => !isPlaceholder(to) && !defined[field].has(to))
        .map(({ to, relation, at }) => ({
          what: `service \`${name}\` ${relation} \`${to}\`, which is not defined`,
          at,
        }));
    const references = [
      ...undefinedIn("networks", namesIn(service, "networks", "is on the network")),
      ...undefinedIn("depends_on", namesIn(service, "depends_on", "depends on the service")),
      ...undefinedIn("volumes", namedVolumes(service)),
      ...undefinedIn("configs", namesIn(service, "configs", "uses the config")),
      ...undefinedIn("secrets", namesIn(service, "secrets", "uses the secret")),
    ];
    return [...(isOpen ? [] : references), ...invalidPorts(name, service)];
  });
}

/** A list of names, of maps with a `source`, or a map by name. */
function namesIn(service: ComposeMap, field: string, relation: string): readonly Reference[] {
  const written = service.get(field);
  if (isRecord(written))
    return Object.keys(written).map((to) => ({ to, relation, at: service.at(field, to) }));
  return service.list(field).flatMap((one, index) => {
    const to = isRecord(one) ? one.source : one;
    return typeof to === "string" ? [{ to, relation, at: service.at(field, index) }] : [];
  });
}

/** `NAME:PATH`; a source that begins with `.`, `/`, `~` or a variable is a path, as is one of Windows. */
function namedVolumes(service: ComposeMap): readonly Reference[] {
  return service.list("volumes").flatMap((written, index) => {
    const to = isRecord(written) ? longName(written) : /^([\w.-]{2,}):/.exec(String(written))?.[1];
    const isName = to !== undefined && /^[a-zA-Z0-9]/.test(to);
    return isName ? [{ to, relation: "mounts the volume", at: service.at("volumes", index) }] : [];
  });
}

function longName({ type, source }: Readonly<Record<string, unknown>>): string | undefined {
  return type === "volume" && typeof source === "string" ? source : undefined;
}

function invalidPorts(name: string, service: ComposeMap): readonly ComposeFault[] {
  return service.list("ports").flatMap((written, index) => {
    if (isRecord(written) || isPort(String(written))) return [];
    return [
      { what: `service \`${name}\` has the invalid port \`${written}\``, at: service.at("ports", index) },
    ];
  });
}

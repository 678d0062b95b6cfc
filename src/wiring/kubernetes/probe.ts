// A probe of a container, with the defaults of Kubernetes.

import type { Path } from "../../source/data.ts";
import type { Probe } from "../wiring.ts";
import type { Written } from "../written.ts";
import type { Fields } from "./fields.ts";

/** Kubernetes, "Configure Probes": the defaults. */
const DEFAULTS = {
  initialDelaySeconds: 0,
  periodSeconds: 10,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 3,
} as const;

/** undefined where there is none, or one without a handler. */
export function readProbe(fields: Fields, path: Path): Probe | undefined {
  const handler = handlerOf(fields, path);
  if (handler === undefined) return undefined;
  const times = (name: keyof typeof DEFAULTS): Written<number> =>
    fields.number([...path, name]) ?? { value: DEFAULTS[name] };
  return {
    ...handler,
    initialDelayS: times("initialDelaySeconds"),
    periodS: times("periodSeconds"),
    timeoutS: times("timeoutSeconds"),
    successes: times("successThreshold"),
    failures: times("failureThreshold"),
    at: fields.object.place(path, { key: true }) ?? fields.at(path),
  };
}

function handlerOf(fields: Fields, path: Path): Pick<Probe, "kind" | "port" | "path"> | undefined {
  const port = (handler: string): Written<number | string> | undefined =>
    fields.isOpen([...path, handler, "port"]) ? undefined : fields.numberOrText([...path, handler, "port"]);
  if (fields.has([...path, "httpGet"]))
    return {
      kind: "http",
      port: port("httpGet"),
      path: fields.text([...path, "httpGet", "path"]) ?? { value: "/" },
    };
  if (fields.has([...path, "tcpSocket"])) return { kind: "tcp", port: port("tcpSocket") };
  if (fields.has([...path, "grpc"])) return { kind: "grpc", port: port("grpc") };
  if (fields.has([...path, "exec"])) return { kind: "exec" };
  return undefined;
}

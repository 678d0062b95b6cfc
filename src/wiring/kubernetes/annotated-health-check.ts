// A health check whose values are set by annotations of a Service or an Ingress.
import type { HealthCheckField } from "../../providers/provider.ts";
import type { LoadBalancerHealthCheck } from "../cloud.ts";
import { isKnown, type Known, type Written } from "../written.ts";

const PROTOCOLS: Readonly<Record<string, "tcp" | "http" | "https">> = {
  tcp: "tcp",
  http: "http",
  https: "https",
};

/** `usual`: the values without annotations. */
export function healthCheckFrom(
  usual: LoadBalancerHealthCheck,
  annotation: (field: HealthCheckField) => Written<string> | undefined,
  at: LoadBalancerHealthCheck["at"],
): LoadBalancerHealthCheck {
  const read = <T>(
    field: HealthCheckField,
    otherwise: Known<T>,
    as: (text: string) => T | undefined,
  ): Known<T> => {
    const text = annotation(field);
    if (text === undefined) return otherwise;
    const value = as(text.value.trim());
    return value === undefined
      ? { unknown: `${JSON.stringify(text.value)} is not understood`, at: text.at ?? at }
      : { value, at: text.at };
  };
  const whole = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);
  const protocol = read("protocol", usual.protocol, (text) => PROTOCOLS[text.toLowerCase()]);
  const isTcp = isKnown(protocol) && protocol.value === "tcp";
  const path = annotation("path");
  return {
    protocol,
    port: read<number | "traffic">("port", usual.port, (text) =>
      text === "traffic-port" ? "traffic" : whole(text),
    ),
    path: isTcp ? undefined : (path ?? usual.path ?? { value: "/" }),
    intervalS: read("intervalS", usual.intervalS, whole),
    timeoutS: read("timeoutS", usual.timeoutS, whole),
    healthy: read("healthy", usual.healthy, whole),
    unhealthy: read("unhealthy", usual.unhealthy, whole),
    statuses: annotation("statuses") ?? usual.statuses,
    at,
  };
}

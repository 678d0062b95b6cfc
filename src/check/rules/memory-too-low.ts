// memory-too-low: memory request too low for the connection limit.
import { BUFFERS_PER_CONNECTION, DEFAULT_BUFFER_BYTES, LEAST_BYTES } from "../../plan/limits.ts";
import { type HaproxyLine, tokenPosition } from "../../wiring/haproxy/config.ts";
import type { Container, HaproxyLayer } from "../../wiring/wiring.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { haproxyContainers } from "../layers/pods.ts";
import { globalLine } from "../layers/stop.ts";
import type { Rule, RuleFindings } from "../rule.ts";
import { noted } from "../wording.ts";

const MIB = 1024 * 1024;

export const memoryTooLow: Rule = {
  code: "memory-too-low",
  severity: "warning",
  check: (wiring) =>
    haproxyContainers(wiring).flatMap(({ container, haproxies }) =>
      haproxies.flatMap((haproxy) => findingsOf(haproxy, container.memoryLimitBytes)),
    ),
};

function findingsOf(haproxy: HaproxyLayer, limit: Container["memoryLimitBytes"]): RuleFindings {
  const [keyword, value] = globalLine(haproxy, "maxconn")?.tokens ?? [];
  const connections = Number(value?.value);
  if (limit === undefined || keyword === undefined || value === undefined || !Number.isInteger(connections))
    return [];
  const tls = haproxy.wiring.binds.some(({ ssl }) => ssl);
  const buffers = globalLine(haproxy, "tune.bufsize");
  const each = LEAST_BYTES.connection + largerBuffers(buffers) + (tls ? LEAST_BYTES.tls : 0);
  const needed = LEAST_BYTES.idle + connections * each;
  if (needed <= limit.value) return [];
  const fitting = Math.max(0, Math.floor((limit.value - LEAST_BYTES.idle) / each / 100) * 100);
  return {
    what: `${connections} connections can need ${Math.ceil(needed / MIB)} MiB, and the container may use ${Math.floor(limit.value / MIB)}`,
    why: `A connection whose client reads slowly keeps its buffers full, about ${Math.round(each / 1024)} KiB. If all connections are in this state, the kernel kills HAProxy with all its connections.`,
    remedy: `Write \`maxconn ${fitting}\`, or a memory limit of ${Math.ceil(needed / MIB / 16) * 16}Mi.`,
    at: [
      noted(tokenPosition(haproxy.config, keyword, value), "the number of connections"),
      buffers === undefined ? undefined : noted(placeOf(haproxy.config, buffers), "the size of a buffer"),
      noted(limit.at, "the memory limit"),
    ],
    described: {
      remedy:
        "Replace a raw line `tune.bufsize` by `limits: { maxHeader: SIZE }`, from which memory is computed; or lower `limits.maxConnections`.",
    },
  };
}

/** The memory that larger buffers add to a connection. */
function largerBuffers(line: HaproxyLine | undefined): number {
  const size = Number(line?.tokens[1]?.value ?? DEFAULT_BUFFER_BYTES);
  return Number.isInteger(size) ? BUFFERS_PER_CONNECTION * Math.max(0, size - DEFAULT_BUFFER_BYTES) : 0;
}

// aws_lb and aws_alb with their listeners → load balancers. Defaults are the AWS provider's: its documents of `aws_lb` and
// `aws_lb_listener`.

import type { ListenerAnswer, LoadBalancer, LoadBalancerListener } from "../cloud.ts";
import type { Known } from "../written.ts";
import { accessLogsOf, nameOf } from "./classic-elb.ts";
import type { Edge } from "./edge.ts";
import { booleanIn, neededNumber, numberIn, resourceNamed, textIn, wordIn } from "./known-arguments.ts";
import type { Arguments, Resource } from "./resource.ts";
import { securityGroupsOf } from "./security-groups.ts";
import {
  attachedTo,
  groupTypes,
  readTargetGroup,
  shortest,
  type TargetGroup,
  type Towards,
  unknownTargets,
} from "./target-group.ts";
import { asText, type Value } from "./value.ts";

export const lbTypes = ["aws_lb", "aws_alb"] as const;

/** The id of both is the ARN. */
const named = ["arn", "id"];

/** Undefined: a kind that is not read; a note reports it. */
export function readLb(lb: Resource, edge: Edge): LoadBalancer | undefined {
  const args = lb.arguments;
  const type = wordIn(args, "load_balancer_type", { application: "alb", network: "nlb" } as const);
  if (type !== undefined && "unknown" in type) {
    edge.leaveOut({
      what: `${lb.address} is left out: ${type.unknown}`,
      why: "its handling of connections depends on its type",
      severity: "note",
      at: type.at,
    });
    return undefined;
  }
  const kind = type?.value ?? "alb";
  const all = edge.ofType(...lbTypes);
  const listeners = edge
    .ofType("aws_lb_listener", "aws_alb_listener")
    .filter((listener) => edge.belongs(listener, "load_balancer_arn", lb, all, named));
  const groups = new Map<Resource, TargetGroup>();
  const read = listeners.flatMap((listener) => listenersOf(listener, kind, groups, edge));
  return {
    kind,
    provider: "aws",
    id: lb.address,
    name: nameOf(lb),
    internal: booleanIn(args, "internal", false),
    listeners: read,
    idleTimeoutS: kind === "alb" ? numberIn(args, "idle_timeout", 60) : idleTimeoutOf(listeners),
    // Always on for an application load balancer (its guide, "Cross-zone load balancing").
    crossZone: kind === "alb" ? { value: true } : booleanIn(args, "enable_cross_zone_load_balancing", false),
    drainingS: shortest([...groups.values()].map(({ drainingS }) => drainingS)) ?? {
      unknown: "no target group of it is described here",
      at: lb.at,
    },
    securityGroups: securityGroupsOf(args, "security_groups", edge),
    targetsAttached: anyAttached([...groups.keys()], edge),
    accessLogs: accessLogsOf(args, false),
    at: lb.at,
  };
}

/** 350 s unless a TCP listener sets another value; of several the shortest (AWS provider, `tcp_idle_timeout_seconds`). */
function idleTimeoutOf(listeners: readonly Resource[]): Known<number> {
  const times = listeners.map(({ arguments: args }) => numberIn(args, "tcp_idle_timeout_seconds", 350));
  return shortest(times) ?? { value: 350 };
}

function anyAttached(groups: readonly Resource[], edge: Edge): Known<boolean> {
  const all = groups.map((group) => attachedTo(group, edge));
  return (
    all.find((known) => "value" in known && known.value) ??
    all.find((known) => "unknown" in known) ?? { value: false }
  );
}

const protocols = {
  tcp: "tcp",
  // One listener for both; only TCP is relevant for HAProxy.
  tcp_udp: "tcp",
  tls: "tls",
  udp: "udp",
  http: "http",
  https: "https",
} as const;

type Kind = "alb" | "nlb";

/** One for each target group that connections may go to: most have one. */
function listenersOf(
  listener: Resource,
  kind: Kind,
  groups: Map<Resource, TargetGroup>,
  edge: Edge,
): readonly LoadBalancerListener[] {
  const args = listener.arguments;
  const front = {
    port: neededNumber(args, "port"),
    protocol: wordIn(args, "protocol", protocols) ?? ({ value: "http" } as const),
    certificate: textIn(args, "certificate_arn"),
    tlsPolicy: textIn(args, "ssl_policy"),
    alpn: textIn(args, "alpn_policy"),
    redirectsToHttps: false,
    at: listener.at,
  };
  const actions = args.blocks("default_action");
  edge.mayBeMore(actions, `what ${listener.address} does may be missing here`);
  const targets = actions.all.flatMap((action) => targetsOf(action, edge));
  if (targets.length > 0) {
    return targets.map((target) => ({ ...front, ...towards(target, kind, groups, edge) }));
  }
  const redirect = actions.all.flatMap((action) => action.blocks("redirect").all)[0];
  const itself = { unknown: "the load balancer answers itself", at: redirect?.at ?? listener.at };
  const none = { to: { kind: "nowhere", port: itself }, healthCheck: undefined } as const;
  const toHttps = asText(redirect?.value("protocol"))?.toUpperCase() === "HTTPS";
  const answer = answerOf(actions.all);
  return [{ ...front, ...unknownTargets(itself), ...none, redirectsToHttps: toHttps, answer }];
}

/** The answer of the first action that sends one; defaults are those of the AWS provider's document of `aws_lb_listener`. */
function answerOf(actions: readonly Arguments[]): Known<ListenerAnswer> | undefined {
  for (const action of actions) {
    const [redirect] = action.blocks("redirect").all;
    const [fixed] = action.blocks("fixed_response").all;
    const block = redirect ?? fixed;
    if (block === undefined) continue;
    const missing: Known<string>[] = [];
    const text = (name: string, usual: string): string => {
      const known = textIn(block, name) ?? { value: usual };
      if ("unknown" in known) missing.push(known);
      return "unknown" in known ? "" : known.value;
    };
    const answer: ListenerAnswer =
      redirect === undefined
        ? {
            kind: "fixed-response",
            status: Number(text("status_code", "200")),
            contentType: text("content_type", "text/plain"),
            body: text("message_body", ""),
          }
        : {
            kind: "redirect",
            status: text("status_code", "HTTP_301") === "HTTP_302" ? 302 : 301,
            protocol: text("protocol", "#{protocol}"),
            host: text("host", "#{host}"),
            port: text("port", "#{port}"),
            path: text("path", "/#{path}"),
            query: text("query", "#{query}"),
          };
    const [hole] = missing;
    if (hole !== undefined && "unknown" in hole) return hole;
    return { value: answer, at: block.at };
  }
  return undefined;
}

/** The target groups that an action forwards to. */
function targetsOf(action: Arguments, edge: Edge): readonly Value[] {
  const single = action.value("target_group_arn");
  const forwards = action.blocks("forward");
  edge.mayBeMore(forwards, "target groups may be missing here");
  const several = forwards.all.flatMap((forward) => {
    const blocks = forward.blocks("target_group");
    edge.mayBeMore(blocks, "target groups may be missing here");
    return blocks.all.map((block) => block.value("arn")).filter((arn) => arn !== undefined);
  });
  // A plan repeats the one in `forward`.
  if (several.length > 0) return several;
  return single === undefined ? [] : [single];
}

function towards(target: Value, kind: Kind, groups: Map<Resource, TargetGroup>, edge: Edge): Towards {
  const resource = resourceNamed(target, edge.ofType(...groupTypes), named);
  if (resource === undefined) {
    const why = target.kind === "unknown" ? target.why : "the target group is not described here";
    return unknownTargets({ unknown: why, at: target.at });
  }
  const group = groups.get(resource) ?? readTargetGroup(resource, kind, edge);
  groups.set(resource, group);
  return group.towards;
}

// The frontends: one per listener, with the rules that depend only on the port.
import { formatDurationMs } from "../../plan/durations.ts";
import { containEveryone, EVERYONE } from "../../plan/everyone.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import { frontendName, noRouteName } from "../../plan/proxy-names.ts";
import { usedValues } from "../../plan/used-values.ts";
import { explained, placeOf } from "../file.ts";
import { portText } from "./answers.ts";
import {
  badHost,
  clientVariable,
  deny,
  type HaproxyContext,
  oneOf,
  onlyIf,
  routeWord,
  sourceIn,
  urlWithoutHost,
  withoutHost,
} from "./context.ts";
import { valueLines } from "./request-values.ts";
import { type Group, haproxySection, type Line, line, rawGroup, type SectionText, word } from "./writing.ts";

export function frontends(context: HaproxyContext): readonly SectionText[] {
  const { plan } = context;
  return plan.listeners.map((listener) =>
    haproxySection(
      `frontend ${frontendName(plan, listener)} from edge`,
      { because: aboutListener(plan, listener), at: listener.at },
      [
        [bindLines, connectionLines, keepAliveLines].flatMap((linesOf) => linesOf(plan, listener)),
        clientVariable(plan) === "sess.client"
          ? [line("tcp-request session set-var-fmt(sess.client) %[src]", "set once per connection")]
          : [],
        accessLines(context, listener),
        redirectLines(context, listener),
        headerLines(context, listener),
        hstsGroup(context, listener),
        rawGroup(listener.raw),
        [
          line(`use_backend ${target(context)}`),
          line(`default_backend ${noRouteName(plan)}`, "no matching site or route"),
        ],
      ],
    ),
  );
}

function aboutListener(plan: Plan, { name, entrance, tls }: ListenerPlan): string {
  if (entrance === "internal") return "In-cluster clients, through a Service without load balancer.";
  const port = plan.loadBalancer.ports.find(({ listener }) => listener === name);
  if (plan.loadBalancer.kind === "none")
    return `No load balancer; ${tls === null ? "plain HTTP" : "TLS is terminated here"}.`;
  const node = plan.kubernetes.exposure.value === "NodePort" ? ` → node port ${port?.nodePort.value}` : "";
  const origin = `Load balancer port ${port?.port.value}${node}`;
  if (port?.protocol === "tls" || port?.protocol === "https")
    return `${origin}; TLS is terminated at the load balancer.`;
  return tls === null ? `${origin}; plain HTTP.` : `${origin}; TLS is terminated here.`;
}

function bindLines({ loadBalancer }: Plan, listener: ListenerPlan): readonly Line[] {
  const words = [`bind *:${listener.port.value}`];
  const anyone = containEveryone(loadBalancer.sources.value);
  const proxied = listener.proxyProtocol.value !== "none";
  const forwarded = listener.client.value === "x-forwarded-for";
  if (proxied && anyone) words.push("accept-proxy");
  if (listener.tls !== null)
    words.push(
      "ssl",
      ...listener.tls.certificates.map(({ file }) => `crt ${word(file)}`),
      `alpn ${listener.tls.alpn.join(",")}`,
    );
  const because = proxied && anyone ? explained(listener.proxyProtocol).because : undefined;
  const bind = line(words.join(" "), { because, ...placeOf(listener.port) });
  if ((!proxied && !forwarded) || anyone) return [bind];
  const networks = loadBalancer.sources.value;
  const lists = Array.from({ length: Math.ceil(networks.length / 20) }, (_, index) =>
    networks.slice(20 * index, 20 * index + 20),
  );
  return [
    bind,
    ...lists.map((list) => line(`acl from_load_balancer src ${list.join(" ")}`)),
    line(
      "tcp-request connection reject if !from_load_balancer",
      "untrusted sources could forge the client address",
    ),
    ...(proxied
      ? [line("tcp-request connection expect-proxy layer4 if from_load_balancer", listener.proxyProtocol)]
      : []),
  ];
}

function connectionLines({ limits }: Plan, { name }: ListenerPlan): readonly Line[] {
  return limits.byListener
    .filter(({ listener }) => listener === name)
    .map((most) => line(`maxconn ${most.value}`, most));
}

/** On ports where the load balancer forwards TCP. */
function keepAliveLines({ tcpKeepAlive, loadBalancer }: Plan, { name }: ListenerPlan): readonly Line[] {
  const passed = loadBalancer.ports.some(({ listener, protocol }) => listener === name && protocol === "tcp");
  if (tcpKeepAlive === null || !passed) return [];
  return [
    line("option clitcpka", tcpKeepAlive),
    line(`clitcpka-idle ${formatDurationMs(tcpKeepAlive.value)}`, placeOf(tcpKeepAlive)),
  ];
}

function accessLines(context: HaproxyContext, { allow, at }: ListenerPlan): readonly Line[] {
  if (allow.length === 0 || EVERYONE.every((network) => allow.includes(network))) return [];
  return [
    // HAProxy itself rejects some of these hosts before it compares addresses; which ones depends on the version.
    badHost("!{ var(txn.site) -m found }"),
    ...urlWithoutHost(context.plan, "!{ var(txn.site) -m found }"),
    deny(403, [`!${sourceIn(context, allow, "allowed", at)}`]),
  ];
}

/** A catch-all that redirects to a fixed location is not redirected to https first: its host is any text that the client sent. */
function redirectLines(context: HaproxyContext, listener: ListenerPlan): readonly Line[] {
  const { plan } = context;
  const { httpsRedirect, internalHostPrefix: prefix } = listener;
  if (httpsRedirect === null) return [];
  const port = portText("https", listener.redirectPorts.https);
  const atOnce = plan.sites.filter(({ skipsHttpsRedirect }) => skipsHttpsRedirect).map(({ name }) => name);
  const open = plan.sites.some(
    ({ hosts, skipsHttpsRedirect }) =>
      !skipsHttpsRedirect &&
      hosts.some(({ kind, entrances }) => kind === "any" && entrances.includes(listener.entrance)),
  );
  const served = plan.sites.flatMap(({ routes }) =>
    routes.filter(({ plainHttp }) => plainHttp === "serve").map(({ id }) => id),
  );
  const when = [
    "{ var(txn.site) -m found }",
    atOnce.length === 0 ? "" : `!{ var(txn.site) -m str ${atOnce.map(word).join(" ")} }`,
    prefix === null ? "" : `!{ var(txn.host) -m beg ${word(prefix)} }`,
    served.length === 0 ? "" : `!${oneOf(context, context.routeId(), served, "served-on-plain-http")}`,
  ];
  return [
    ...(open ? [withoutHost(...when)] : []),
    line(
      `http-request redirect location https://%[var(txn.host)]${port}%[pathq] code ${httpsRedirect.status}${onlyIf(...when)}`,
    ),
  ];
}

function headerLines({ plan, routing }: HaproxyContext, listener: ListenerPlan): readonly Line[] {
  const { scheme } = listener;
  const used = usedValues(plan).some(({ from }) => from === "scheme");
  const sameScheme = routing.sections.some(
    ({ answer }) =>
      answer?.kind === "redirect" && answer.redirect.host !== null && answer.redirect.scheme === null,
  );
  return [
    ...valueLines(plan, listener),
    line(`http-request add-header X-Forwarded-For %[var(${clientVariable(plan)})]`),
    line(`http-request add-header X-Forwarded-Proto ${scheme}`, "determined by the port"),
    ...(sameScheme || used
      ? [
          line(
            `http-request set-var(txn.scheme) str(${scheme})`,
            used ? "for headers that contain it" : "for redirects that keep the scheme",
          ),
        ]
      : []),
  ];
}

/** On every response of a site, including those of HAProxy itself (manual section 4.2, http-after-response). */
function hstsGroup(context: HaproxyContext, { scheme }: ListenerPlan): Group {
  const { sites } = context.plan;
  if (scheme !== "https") return [];
  const values = Map.groupBy(sites, ({ hsts }) => hsts ?? "");
  values.delete("");
  return [...values].map(([value, same], index) => {
    const names = same.map(({ name }) => name);
    const when =
      names.length === sites.length
        ? "{ var(txn.site) -m found }"
        : oneOf(context, "var(txn.site)", names, `hsts-${index + 1}`);
    return line(`http-after-response set-header Strict-Transport-Security ${word(value)} if ${when}`, {
      at: same[0]?.at,
    });
  });
}

function target(context: HaproxyContext): string {
  return context.routing.shares.entries.length > 0
    ? "%[var(txn.section)]"
    : `%[${routeWord(context, "section")}]`;
}

// The backend sections: pools of servers with the settings of their routes, and sections that return a response themselves.
import { isIP } from "node:net";
import type { BackendPlan, ServerPlan } from "../../plan/backend-plan.ts";
import { isDescribed } from "../../plan/described.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import type { Plan } from "../../plan/plan.ts";
import { noRouteName } from "../../plan/proxy-names.ts";
import { placeOf } from "../file.ts";
import { answerGroup } from "./answers.ts";
import { badHost, deny, type HaproxyContext, urlWithoutHost } from "./context.ts";
import { responseHeaderGroup } from "./header-edits.ts";
import { accessGroup, settingGroups } from "./route-settings.ts";
import type { Section } from "./routing/sections.ts";
import {
  type Group,
  haproxySection,
  type Line,
  line,
  rawGroup,
  type SectionText,
  variableWord,
  word,
} from "./writing.ts";

/** What HAProxy does without a directive (manual sections 4.2, retries; 5.2, inter, rise and fall): such lines are left out. */
const HAPROXY_DEFAULTS = { retries: 3, intervalMs: 2000, rise: 2, fall: 3 } as const;

export function backendSections(context: HaproxyContext): readonly SectionText[] {
  const { plan, routing } = context;
  const sections = new Map(routing.sections.map((section) => [section.backend, section]));
  const pools = plan.backends.map((backend) => poolSection(context, backend, sections.get(backend.name)));
  const answers = routing.sections
    .filter(({ backend }) => backend === undefined)
    .map((section) => answerSection(context, section));
  return [...pools, ...answers, noRoute(plan)];
}

function noRoute(plan: Plan): SectionText {
  return haproxySection(`backend ${noRouteName(plan)} from base`, undefined, [
    [badHost(), ...urlWithoutHost(plan), deny(404, [])],
  ]);
}

function answerSection(context: HaproxyContext, section: Section): SectionText {
  return haproxySection(`backend ${section.name} from base`, { at: section.routes[0]?.at }, [
    accessGroup(context, section),
    responseHeaderGroup(context, section),
    answerGroup(context, section),
  ]);
}

function poolSection(
  context: HaproxyContext,
  backend: BackendPlan,
  section: Section | undefined,
): SectionText {
  const because =
    backend.variantOf === null
      ? undefined
      : `The servers of ${backend.variantOf}, for routes with their own number of retries.`;
  return haproxySection(`backend ${backend.name} from base`, { because, at: backend.at }, [
    poolLines(context, backend, section),
    healthGroup(backend),
    ...(section === undefined ? [] : settingGroups(context, section)),
    rawGroup(backend.raw),
    serverLines(backend),
  ]);
}

function poolLines(
  { plan }: HaproxyContext,
  backend: BackendPlan,
  section: Section | undefined,
): readonly Line[] {
  const { timeouts, retries, balance, keepAlive, sticky, health } = backend;
  const checkMs = health.kind === "none" ? undefined : health.timeoutMs.value;
  const timed = (name: "connect" | "server" | "queue" | "tunnel" | "check", ms: number | null | undefined) =>
    ms == null || (name !== "tunnel" && ms === plan.timeouts[name].value)
      ? []
      : [line(`timeout ${name} ${formatDurationMs(ms)}`)];
  return [
    ...(balance === null ? [] : balanceLines(balance)),
    ...(retries.value === HAPROXY_DEFAULTS.retries
      ? []
      : [
          line(
            `retries ${retries.value}`,
            backend.variantOf === null ? retries : { ...retries, at: section?.routes[0]?.at },
          ),
        ]),
    ...(keepAlive.value ? [] : ownConnectionLines(plan, backend)),
    ...timed("connect", timeouts.connectMs),
    ...timed("server", timeouts.serverMs),
    ...timed("queue", timeouts.queueMs),
    ...timed("tunnel", timeouts.tunnelMs),
    ...timed("check", checkMs),
    ...(sticky === null ? [] : stickyLines(sticky)),
  ];
}

function stickyLines({ cookie, secure, key }: NonNullable<BackendPlan["sticky"]>): readonly Line[] {
  return [
    line(`cookie ${word(cookie)} insert indirect nocache httponly${secure ? " secure" : ""} dynamic`),
    line(
      `dynamic-cookie-key ${variableWord(key.variable)}`,
      "keyed hash of the server address, the same in every pod",
    ),
  ];
}

/** Overrides the defaults for shared connections: retries cost 16 KiB for each in-flight request. */
function ownConnectionLines(plan: Plan, { keepAlive }: BackendPlan): readonly Line[] {
  return [
    line("option http-server-close", keepAlive),
    ...(plan.backends.some((one) => one.keepAlive.value)
      ? [line("retry-on conn-failure", "connections are not reused: only a connect can fail")]
      : []),
  ];
}

/** An added or removed server moves only its own clients (manual section 4.2, hash-type). */
function balanceLines(balance: NonNullable<BackendPlan["balance"]>): readonly Line[] {
  const hashed = /^(source|uri|hdr\()/.test(balance.value);
  return [
    line(`balance ${balance.value}`, balance),
    ...(hashed ? [line("hash-type consistent", "a removed server moves only its own clients")] : []),
  ];
}

function healthGroup({ health, variantOf, servers }: BackendPlan): Group {
  const tracks = variantOf !== null && servers.every(({ slots }) => slots === null);
  if (health.kind !== "http" || tracks) return [];
  const send = `http-check send meth ${health.method} uri ${word(health.path)} ver HTTP/1.1 hdr Host ${word(health.host)}`;
  const expect = isDescribed(health.status) ? [line(`http-check expect status ${health.status.value}`)] : [];
  return [line("option httpchk"), line(send), ...expect];
}

function serverLines(backend: BackendPlan): readonly Line[] {
  const width = Math.max(...backend.servers.map(({ name }) => name.length));
  return backend.servers.map((server) => {
    const { name, slots } = server;
    const address = `${serverAddress(server)}${serverWords(backend, server)}`;
    return slots === null
      ? line(`server ${name.padEnd(width)} ${address}`, placeOf(server))
      : line(`server-template ${name}- 1-${slots.value} ${address}`, slots);
  });
}

function serverAddress({ host, port }: ServerPlan): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function serverWords(backend: BackendPlan, server: ServerPlan): string {
  const { proxyProtocol, maxConnections } = backend;
  const words = [
    ...checkWords(backend, server),
    ...tlsWords(backend),
    ...(proxyProtocol === "none" ? [] : [proxyProtocol === "v1" ? "send-proxy" : "send-proxy-v2"]),
    ...(server.weight === null ? [] : [`weight ${server.weight}`]),
    ...(server.backup ? ["backup"] : []),
    ...(maxConnections === null ? [] : [`maxconn ${maxConnections}`]),
  ];
  return words.map((one) => ` ${one}`).join("");
}

function checkWords({ health, variantOf }: BackendPlan, { name, slots }: ServerPlan): readonly string[] {
  if (health.kind === "none") return [];
  // The servers of a template cannot track those of another: they have their own checks.
  if (variantOf !== null && slots === null) return [`track ${variantOf}/${name}`];
  const { intervalMs, rise, fall } = health;
  return [
    "check",
    ...(intervalMs.value === HAPROXY_DEFAULTS.intervalMs
      ? []
      : [`inter ${formatDurationMs(intervalMs.value)}`]),
    ...(rise.value === HAPROXY_DEFAULTS.rise ? [] : [`rise ${rise.value}`]),
    ...(fall.value === HAPROXY_DEFAULTS.fall ? [] : [`fall ${fall.value}`]),
  ];
}

function tlsWords({ tls }: BackendPlan): readonly string[] {
  if (tls === null) return [];
  return [
    "ssl",
    tls.verify === "none" ? "verify none" : `verify required ca-file ${word(tls.verify.caFile)}`,
    tls.sni === null ? "sni req.fhdr(host),host_only,lower" : `sni str(${word(tls.sni)})`,
    ...(tls.checkSni === null ? [] : [`check-sni ${word(tls.checkSni.value)}`]),
    "alpn http/1.1",
  ];
}

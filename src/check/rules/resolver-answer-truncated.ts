// resolver-answer-truncated: more addresses than a DNS answer of the accepted size can have.
import { answerBytes, LARGEST_UDP_BYTES } from "../../plan/resolvers.ts";
import type { HaproxyServer, Resolvers } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { linesOf, placeOf, serverSides } from "../layers/haproxy-view.ts";
import { resolversOf } from "../layers/pod-dns.ts";
import type { Rule, RuleFindings } from "../rule.ts";
import { noted } from "../wording.ts";

export const resolverAnswerTruncated: Rule = {
  code: "resolver-answer-truncated",
  severity: "warning",
  // For a description, too-many-headless-pods reports the same fault.
  writtenByHand: true,
  check: (wiring) =>
    serverSides(wiring).flatMap(({ layer, proxy }) =>
      proxy.servers.flatMap((server) => findingOf(layer, server)),
    ),
};

/** HAProxy's default (manual 3.2, section 5.3.2, accepted_payload_size). */
const DEFAULT_BYTES = 512;

function findingOf(layer: HaproxyLayer, server: HaproxyServer): RuleFindings {
  const section = resolversOf(layer, server);
  const slots = slotsOf(server);
  if (section === undefined || slots === undefined || isOverTcp(section)) return [];
  const { host } = server.address;
  const accepted = acceptedBy(layer, section);
  const bytes = /^_[^.]+\._/.test(host)
    ? serviceAnswerBytes(host, slots)
    : answerBytes({ host, slots: { value: slots } }, "A");
  if (accepted === undefined || bytes <= accepted.bytes) return [];
  return {
    what: `a DNS answer with ${slots} addresses of \`${host}\` has ${bytes} bytes, and HAProxy accepts ${accepted.bytes}`,
    why: "A longer answer over UDP is truncated, and HAProxy ignores it as a whole: from that number of pods on, no server has an address and requests get 503.",
    remedy:
      bytes <= LARGEST_UDP_BYTES
        ? `Write \`accepted_payload_size ${Math.min(LARGEST_UDP_BYTES, 2 ** Math.ceil(Math.log2(bytes)))}\` in \`resolvers ${section.name}\`.`
        : `Write \`nameserver NAME tcp@ADDRESS:53\` in \`resolvers ${section.name}\`, with the address of the cluster's DNS: over TCP no answer is truncated.`,
    at: [server.at, accepted.at ?? noted(section.at, `${DEFAULT_BYTES} bytes by default`)],
  };
}

/** The number of servers of a template: `5` or `1-5`. */
function slotsOf({ template, address }: HaproxyServer): number | undefined {
  const [, first = "", last] = /^(\d+)(?:-(\d+))?$/.exec(template ?? "") ?? [];
  if (first === "" || address.kind !== "name") return undefined;
  return last === undefined ? Number(first) : Number(last) - Number(first) + 1;
}

function isOverTcp({ nameServers, parseResolvConf }: Resolvers): boolean {
  return (
    parseResolvConf === undefined &&
    nameServers.length > 0 &&
    nameServers.every(({ address }) => address.prefix?.startsWith("tcp") === true)
  );
}

/** undefined: not known. */
function acceptedBy({ config }: HaproxyLayer, { name }: Resolvers) {
  const line = config.sections
    .filter((section) => section.kind === "resolvers" && section.name?.value === name)
    .flatMap((section) => linesOf(section, "accepted_payload_size"))
    .at(-1);
  if (line === undefined) return { bytes: DEFAULT_BYTES };
  const bytes = Number(line.tokens[1]?.value);
  return Number.isInteger(bytes) ? { bytes, at: placeOf(config, line) } : undefined;
}

/** SRV records, whose targets are not compressed (RFC 2782): `10-0-0-1.NAME` of each pod, and its address. */
function serviceAnswerBytes(host: string, slots: number): number {
  const service = host.replace(/^_[^.]+\._[^.]+\./, "");
  const target = "10-0-0-1.".length + service.length + 2;
  return 12 + host.length + 2 + 4 + 11 + slots * (12 + 6 + target + target + 10 + 4);
}

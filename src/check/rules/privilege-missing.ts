// privilege-missing: directive that needs a privilege which HAProxy does not have in its container.
import { type HaproxyLine, wordsText } from "../../wiring/haproxy/config.ts";
import { isHaproxyImage, parseImageName } from "../../wiring/image-names.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { uidOf } from "../layers/container/image-content.ts";
import {
  afterExit,
  capabilitiesPlace,
  type HaproxyProcess,
  haproxyProcesses,
  hasCapability,
} from "../layers/container/process.ts";
import { compareVersions, type HaproxyVersion, versionIn } from "../layers/haproxy-versions.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { globalLine } from "../layers/stop.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const privilegeMissing: Rule = {
  code: "privilege-missing",
  severity: "error",
  check: (wiring) =>
    haproxyProcesses(wiring).flatMap((process) =>
      process.haproxies.flatMap((layer) =>
        needsOf(process, layer).flatMap((need) => findingOf(process, layer, need)),
      ),
    ),
};

interface Need {
  readonly line: HaproxyLine;
  readonly capability: string;
  /** HAProxy's message. */
  readonly message: string;
  readonly remedy: string;
}

function findingOf(
  process: HaproxyProcess,
  layer: HaproxyLayer,
  { line, capability, message, remedy }: Need,
): RuleFinding | readonly RuleFinding[] {
  const { user } = process;
  if (line.conditional || user === undefined || hasCapability(process, capability) !== false) return [];
  const directive = wordsText(line);
  return {
    what: `\`${directive}\` needs the capability ${capability}, which HAProxy does not have`,
    why: `HAProxy runs as user ${user.uid}${user.uid === 0 ? ", without this capability" : ": a capability that is added to a container reaches only root"}. It exits at start with "${message}", and ${afterExit(process)}.`,
    remedy,
    at: [
      placeOf(layer.config, line),
      noted(user.at, `user ${user.uid}`),
      noted(capabilitiesPlace(process), "its capabilities"),
    ],
    stops: [layer],
  };
}

/** HAProxy 3.4 calls chroot in its own user namespace if the node and the seccomp profile permit one; 3.2 does not. */
function mayUseNamespace(pod: HaproxyProcess["pod"], { image }: HaproxyLayer): boolean {
  const tag = parseImageName(pod?.container.image?.value ?? "")?.tag;
  const official = isHaproxyImage(pod?.container.image?.value ?? "");
  const tagged = official ? (/^\d+\.\d+/.exec(tag ?? "")?.[0] as HaproxyVersion | undefined) : undefined;
  const version = tagged ?? versionIn(image);
  // `latest` and `lts` are the newest version; a team's own image may have any version, usually an older one.
  return version === undefined ? official : compareVersions(version, "3.2") > 0;
}

function needsOf({ user, image, pod }: HaproxyProcess, layer: HaproxyLayer): readonly Need[] {
  const needs: Need[] = [];
  const chroot = globalLine(layer, "chroot");
  if (chroot !== undefined && !(user?.uid !== 0 && mayUseNamespace(pod, layer)))
    needs.push({
      line: chroot,
      capability: "SYS_CHROOT",
      message: `Cannot chroot(${chroot.tokens[1]?.value ?? ""})`,
      remedy: "Remove the line: the container already separates HAProxy from other files.",
    });
  const identity = ["user", "uid"].map((keyword) => globalLine(layer, keyword)).find((line) => line);
  const target = identity && image && uidOf(image, identity.tokens[1]?.value ?? "");
  // HAProxy does not change the user if it is root.
  if (
    identity !== undefined &&
    target !== undefined &&
    target !== 0 &&
    user !== undefined &&
    target !== user.uid
  )
    needs.push({
      line: identity,
      capability: "SETUID",
      message: "Cannot set uid",
      remedy: `Remove the line, and run the container as this user: \`runAsUser: ${target}\`.`,
    });
  return [...needs, ...socketOwners(layer, { user, image })];
}

/** `stats socket PATH user NAME`: HAProxy's own user needs no privilege. */
function socketOwners(
  { wiring }: HaproxyLayer,
  { user, image }: Pick<HaproxyProcess, "user" | "image">,
): readonly Need[] {
  return wiring.binds.flatMap(({ address, options, line }) => {
    const owner = options.find(({ keyword }) => keyword.value === "user" || keyword.value === "uid");
    const name = owner?.values[0]?.value;
    if (address.kind !== "path" || name === undefined || image === undefined) return [];
    const uid = uidOf(image, name);
    return uid === undefined || uid === user?.uid
      ? []
      : [
          {
            line,
            capability: "CHOWN",
            message: "cannot change UNIX socket ownership",
            remedy: `Remove \`${owner?.keyword.value} ${name}\`: the socket then belongs to HAProxy's own user.`,
          },
        ];
  });
}

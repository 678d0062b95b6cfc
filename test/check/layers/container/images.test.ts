// Whether HAProxy starts depends on its image: from its name, or from the Dockerfile of the folder.
import { expect, test } from "vitest";
import { checkLayers } from "../../../../src/check/layers/check-layers.ts";
import { readWiring } from "../../../../src/wiring/read-wiring.ts";
import { type EdgeOfOnePod, edgeWith, layersOf } from "./edges.ts";
import { START_CODES } from "./start-cases.ts";

const OWN = "registry.example.com/web/haproxy:1";
const GLOBAL = "global";
const CHROOT = { [GLOBAL]: "global\n  chroot /var/lib/haproxy" };
const SOCKET = { [GLOBAL]: "global\n  stats socket /run/haproxy/admin.sock level admin" };
const LUA = { [GLOBAL]: "global\n  lua-load /etc/haproxy/lua/a.lua" };
const AT_ETC = [{ name: "config", mountPath: "/etc/haproxy" }];
const START = 'CMD ["haproxy", "-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"]';
const DEBIAN = "FROM debian:trixie-slim\nRUN apt-get update && apt-get install -y haproxy\n";
const KEY_ONLY = [{ name: "config", mountPath: "/etc/haproxy/haproxy.cfg", subPath: "haproxy.cfg" }];

const CASES: readonly (readonly [name: string, edge: EdgeOfOnePod, code?: string | undefined])[] = [
  [
    "an image of HAProxy Technologies links /etc/haproxy to its folder",
    edgeWith({ image: "haproxytech/haproxy-alpine:3.2", mounts: AT_ETC }),
  ],
  [
    "an image of HAProxy Technologies runs as root",
    edgeWith({ image: "haproxytech/haproxy-debian:3.2" }, CHROOT),
  ],
  ["chroot in a user namespace, with 3.4", edgeWith({ image: "haproxy:3.4.1" }, CHROOT)],
  ["chroot in a user namespace, with the newest", edgeWith({ image: "haproxy:alpine" }, CHROOT)],
  ["chroot of 2.6", edgeWith({ image: "haproxy:2.6-alpine" }, CHROOT), "privilege-missing"],
  ["`user root` changes nothing", edgeWith({ image: "haproxy:3.2" }, { [GLOBAL]: "global\n  user root" })],
  [
    "letters after -f",
    edgeWith({
      image: "haproxy:3.2",
      container: { args: ["haproxy", "-fdV", "/usr/local/etc/haproxy/haproxy.cfg"] },
    }),
  ],
  ["the official image of 2.2 runs as root", edgeWith({ image: "haproxy:2.2" }, CHROOT)],
  [
    "the official image through a mirror",
    edgeWith({ image: "public.ecr.aws/docker/library/haproxy:3.2", mounts: AT_ETC }),
    "configuration-not-mounted",
  ],
  ["an image that is not described", edgeWith({ image: OWN, mounts: KEY_ONLY }, SOCKET)],
  ["a file of an image that is not described", edgeWith({ image: OWN, mounts: KEY_ONLY }, LUA)],
  [
    "an image that is not described, and privileges of the pod",
    edgeWith(
      {
        image: OWN,
        container: { securityContext: { runAsUser: 1000, capabilities: { drop: ["ALL"] } } },
      },
      CHROOT,
    ),
    "privilege-missing",
  ],
  [
    "an image that is not described, and a privilege that its file may have",
    edgeWith({ image: OWN, container: { securityContext: { runAsUser: 1000 } } }, CHROOT),
  ],
  [
    "a Dockerfile whose command reads the mount",
    edgeWith({ image: OWN, mounts: AT_ETC, dockerfile: `${DEBIAN}USER 1000\n${START}\n` }),
  ],
  [
    "a Dockerfile whose command reads another folder than the mount",
    edgeWith({
      image: OWN,
      mounts: AT_ETC,
      dockerfile: `${DEBIAN}USER 1000\nCMD ["haproxy", "-db", "-f", "/opt/haproxy/haproxy.cfg"]\n`,
    }),
    "configuration-not-mounted",
  ],
  [
    "a Dockerfile that copies the configuration to that folder",
    edgeWith({
      image: OWN,
      mounts: AT_ETC,
      dockerfile: `${DEBIAN}USER 1000\nCOPY edge.cfg /opt/haproxy/haproxy.cfg\nCMD ["haproxy", "-db", "-f", "/opt/haproxy/haproxy.cfg"]\n`,
    }),
  ],
  [
    "a Dockerfile with a script of its own before HAProxy",
    edgeWith({
      image: OWN,
      mounts: AT_ETC,
      dockerfile:
        'FROM haproxy:3.2.4\nCOPY docker-entrypoint.sh /usr/local/bin/\nENTRYPOINT ["docker-entrypoint.sh"]\nCMD ["haproxy", "-f", "/tmp/haproxy.cfg"]\n',
    }),
  ],
  [
    "a package has no /run/haproxy",
    edgeWith({ image: OWN, mounts: AT_ETC, dockerfile: `${DEBIAN}USER 1000\n${START}\n` }, SOCKET),
    "path-not-writable",
  ],
  [
    "a Dockerfile that makes /run/haproxy for its user",
    edgeWith(
      {
        image: OWN,
        mounts: AT_ETC,
        dockerfile: `${DEBIAN}RUN mkdir -p /run/haproxy && chown haproxy /run/haproxy\nUSER haproxy\n${START}\n`,
      },
      SOCKET,
    ),
  ],
  [
    "a Dockerfile that makes /run/haproxy for root",
    edgeWith(
      {
        image: OWN,
        mounts: AT_ETC,
        dockerfile: `${DEBIAN}RUN mkdir -p /run/haproxy\nUSER 1000\n${START}\n`,
      },
      SOCKET,
    ),
    "path-not-writable",
  ],
  [
    "a Dockerfile that copies the file",
    edgeWith(
      {
        image: OWN,
        mounts: KEY_ONLY,
        dockerfile: `${DEBIAN}COPY a.lua /etc/haproxy/lua/a.lua\nUSER 1000\n${START}\n`,
      },
      LUA,
    ),
  ],
  [
    "a Dockerfile that copies a folder, whose files are not known",
    edgeWith(
      {
        image: OWN,
        mounts: KEY_ONLY,
        dockerfile: `${DEBIAN}COPY lua /etc/haproxy/lua\nUSER 1000\n${START}\n`,
      },
      LUA,
    ),
  ],
  [
    "a Dockerfile that downloads files",
    edgeWith(
      {
        image: OWN,
        mounts: KEY_ONLY,
        dockerfile: `${DEBIAN}RUN curl -sL https://example.com/lua.tgz | tar -xz -C /etc/haproxy\nUSER 1000\n${START}\n`,
      },
      LUA,
    ),
  ],
  [
    "a Dockerfile without the file, and a script before HAProxy that may write it",
    edgeWith(
      {
        image: OWN,
        mounts: KEY_ONLY,
        dockerfile: `${DEBIAN}COPY start.sh /start.sh\nUSER 1000\nCMD ["/start.sh"]\n`,
      },
      LUA,
    ),
  ],
  [
    "a Dockerfile without the file",
    edgeWith(
      {
        image: OWN,
        mounts: KEY_ONLY,
        dockerfile: `${DEBIAN}COPY b.lua /etc/haproxy/lua/b.lua\nUSER 1000\n${START}\n`,
      },
      LUA,
    ),
    "file-not-in-container",
  ],
  [
    "a mount of the folder that hides the file of the image",
    edgeWith(
      {
        image: OWN,
        mounts: AT_ETC,
        dockerfile: `${DEBIAN}COPY a.lua /etc/haproxy/lua/a.lua\nUSER 1000\n${START}\n`,
      },
      LUA,
    ),
    "file-not-in-container",
  ],
  [
    "a Dockerfile whose USER is a name, with runAsNonRoot",
    edgeWith({
      image: OWN,
      mounts: AT_ETC,
      container: { securityContext: { runAsNonRoot: true } },
      dockerfile: `${DEBIAN}USER haproxy\n${START}\n`,
    }),
    "non-root-not-verified",
  ],
  [
    "a Dockerfile that gives HAProxy's file a capability",
    edgeWith(
      {
        image: OWN,
        mounts: AT_ETC,
        dockerfile: `${DEBIAN}RUN setcap cap_sys_chroot+ep /usr/sbin/haproxy\nUSER 1000\n${START}\n`,
      },
      CHROOT,
    ),
  ],
];

test.each(CASES.map(([name, edge, code]) => ({ name, edge, code })))(
  "$name: $code",
  async ({ edge, code }) => {
    const found = checkLayers(await readWiring(layersOf(edge)));
    const codes = found.map((finding) => finding.code).filter((one) => START_CODES.includes(one));
    expect(codes).toEqual(code === undefined ? [] : [code]);
  },
);

test("without a pod, an image whose command does not read its own configuration", async () => {
  const { config } = edgeWith({});
  const codesOf = async (to: string) => {
    const wiring = await readWiring([
      { file: "haproxy.cfg", text: config },
      { file: "Dockerfile", text: `FROM haproxy:3.2.4\nCOPY haproxy.cfg ${to}\n` },
    ]);
    return checkLayers(wiring).map(({ code }) => code);
  };
  expect(await codesOf("/etc/haproxy/haproxy.cfg")).toContain("configuration-not-mounted");
  expect(await codesOf("/usr/local/etc/haproxy/haproxy.cfg")).not.toContain("configuration-not-mounted");
  expect(await codesOf("/usr/local/etc/haproxy/")).not.toContain("configuration-not-mounted");
});

// What known images contain that HAProxy needs: its command, its user, and the folders and files of its configuration.
import { parseImageName } from "../../../wiring/image-names.ts";

export interface ImageFacts {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** Its numeric user. */
  readonly uid: number;
  /** Whether the image sets its user by name, which the kubelet cannot compare with 0. */
  readonly namedUser: boolean;
  /** Users by name; undefined: their numbers are not known. */
  readonly users: ReadonlyMap<string, number | undefined>;
  /** Folders with the user that may write into them; `anyone`: mode 1777. */
  readonly folders: ReadonlyMap<string, number | "anyone">;
  readonly files: ReadonlySet<string>;
  /** Symbolic links of folders. */
  readonly links: ReadonlyMap<string, string>;
  /** Whether it sets variables that are not listed here. */
  readonly env: ReadonlySet<string>;
}

const CONFIG = "/usr/local/etc/haproxy/haproxy.cfg";

/** examples/errorfiles of HAProxy's sources. */
const ERROR_PAGES = ["400", "403", "408", "500", "502", "503", "504"].map((code) => `${code}.http`);

const ROOT_FOLDERS = [
  ...["/", "/etc", "/home", "/mnt", "/opt", "/root", "/run", "/srv", "/usr", "/usr/local", "/usr/local/etc"],
  ...["/var", "/var/cache", "/var/lib", "/var/log", "/var/opt", "/var/spool"],
];

/** Base images of the distributions: Filesystem Hierarchy Standard 3.0. */
export const DISTRIBUTION: ImageFacts = {
  uid: 0,
  namedUser: false,
  users: new Map([
    ["root", 0],
    ["nobody", 65534],
  ]),
  folders: new Map<string, number | "anyone">([
    ...ROOT_FOLDERS.map((folder) => [folder, 0] as const),
    ...["/tmp", "/var/tmp", "/dev/shm"].map((folder) => [folder, "anyone"] as const),
  ]),
  files: new Set(["/etc/group", "/etc/hostname", "/etc/hosts", "/etc/passwd", "/etc/resolv.conf"]),
  links: new Map([["/var/run", "/run"]]),
  env: new Set(["PATH", "HOME", "HOSTNAME"]),
};

/** Dockerfiles of github.com/docker-library/haproxy: USER and its user since 2.4. */
function official(version: string | undefined): ImageFacts {
  const asRoot = version !== undefined && /^(?:1\.\d|2\.[0-3])\b/.test(version);
  return {
    ...DISTRIBUTION,
    entrypoint: ["docker-entrypoint.sh"],
    command: ["haproxy", "-f", CONFIG],
    uid: asRoot ? 0 : 99,
    namedUser: !asRoot,
    users: new Map([...DISTRIBUTION.users, ["haproxy", 99]]),
    folders: new Map([
      ...DISTRIBUTION.folders,
      ["/usr/local/etc/haproxy", 0],
      ["/usr/local/etc/haproxy/errors", 0],
      ["/var/lib/haproxy", 99],
    ]),
    files: new Set([
      ...DISTRIBUTION.files,
      ...ERROR_PAGES.map((page) => `/usr/local/etc/haproxy/errors/${page}`),
    ]),
    env: new Set([...DISTRIBUTION.env, "HAPROXY_VERSION", "HAPROXY_URL", "HAPROXY_SHA256"]),
  };
}

/** Dockerfiles of github.com/haproxytech: root, a configuration of its own, and /etc/haproxy as a link. */
function ofHaproxyTechnologies(): ImageFacts {
  const base = official("2.3");
  return {
    ...base,
    entrypoint: ["/docker-entrypoint.sh"],
    users: new Map([...DISTRIBUTION.users, ["haproxy", undefined]]),
    files: new Set([...base.files, CONFIG]),
    links: new Map([...base.links, ["/etc/haproxy", "/usr/local/etc/haproxy"]]),
    env: new Set([...base.env, "HAPROXY_BRANCH", "HAPROXY_MINOR", "HAPROXY_UID", "HAPROXY_GID"]),
  };
}

/** The package `haproxy` of the distribution; its user has a number that the installation chooses. */
export function withPackage(base: ImageFacts, distribution: string): ImageFacts {
  const pages = ["debian", "ubuntu"].includes(distribution) ? ERROR_PAGES : [];
  return {
    ...base,
    users: new Map([...base.users, ["haproxy", undefined]]),
    folders: new Map([
      ...base.folders,
      ["/etc/haproxy", 0],
      ...(pages.length === 0 ? [] : [["/etc/haproxy/errors", 0] as const]),
      ["/var/lib/haproxy", 0],
    ]),
    files: new Set([
      ...base.files,
      "/etc/haproxy/haproxy.cfg",
      ...pages.map((page) => `/etc/haproxy/errors/${page}`),
    ]),
  };
}

/** Facts about HAProxy images; undefined: not one of them. */
export function haproxyImageFacts(text: string): ImageFacts | undefined {
  const image = parseImageName(text);
  const name = image?.name.replace(/^public\.ecr\.aws\/docker\/library\//, "");
  if (name === "haproxy") return official(image?.tag);
  return /^haproxytech\/haproxy-(?:alpine|debian|ubuntu)$/.test(name ?? "")
    ? ofHaproxyTechnologies()
    : undefined;
}

/** Content of packages that is not listed here: system files, libraries and the system's CAs. */
export function isSystemPath(path: string): boolean {
  return (
    /^\/(?:bin|dev|lib\d*|libx?32|proc|sbin|sys)(?:\/|$)/.test(path) ||
    (path.startsWith("/usr/") && !path.startsWith("/usr/local/etc/")) ||
    isSystemTrust(path)
  );
}

/** Where packages keep CA certificates; they contain no private key of a site. */
export function isSystemTrust(path: string): boolean {
  return /^\/(?:etc\/(?:ssl|pki|ca-certificates)|usr\/share|usr\/local\/share)(?:\/|$)/.test(path);
}

// Image references as Docker reads them, and known facts about their images.
import { isPlaceholder } from "./placeholder.ts";
export interface ImageName {
  /** Without `docker.io/library/`, which Docker adds: `ubuntu`, `ghcr.io/a/b`. */
  readonly name: string;
  /** undefined: none is written. */
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

/** Reference grammar of distribution/reference, reduced to the parts that matter here; undefined: not a reference. */
export function parseImageName(text: string): ImageName | undefined {
  const found =
    /^((?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::([\w][\w.-]{0,127}))?(?:@([a-z0-9]+:[0-9a-f]{32,}))?$/.exec(
      text,
    );
  if (found === null) return undefined;
  const [, full = "", tag, digest] = found;
  const name = full.replace(/^(?:index\.)?docker\.io\//, "").replace(/^library\//, "");
  return { name, tag, digest };
}

/** Docker's official image of HAProxy and HAProxy Technologies' own, which set `STOPSIGNAL SIGUSR1`. */
export function isHaproxyImage(text: string): boolean {
  const name = parseImageName(text)?.name ?? "";
  return /^(?:haproxy|haproxytech\/haproxy-[a-z]+)$/.test(
    name.replace(/^public\.ecr\.aws\/docker\/library\//, ""),
  );
}

/** Official images of distributions, which set no stop signal, no user and no command of HAProxy's. */
const DISTRIBUTIONS: ReadonlySet<string> = new Set([
  "almalinux",
  "alpine",
  "amazonlinux",
  "archlinux",
  "centos",
  "debian",
  "fedora",
  "opensuse/leap",
  "oraclelinux",
  "rockylinux",
  "ubuntu",
]);

export function distributionOf(text: string): string | undefined {
  const name = parseImageName(text)?.name;
  return name !== undefined && DISTRIBUTIONS.has(name) ? name : undefined;
}

/** Whether its C library is musl: Alpine, or a variant built on it; undefined: not known. */
export function isMusl(text: string): boolean | undefined {
  const image = parseImageName(text);
  if (image === undefined) return undefined;
  if (image.name === "alpine" || /\/alpine$/.test(image.name)) return true;
  if (/(?:^|-)alpine/.test(image.tag ?? "")) return true;
  if (image.name === "haproxytech/haproxy-alpine") return true;
  return distributionOf(text) !== undefined || image.name === "haproxy" ? false : undefined;
}

/** Whether it is neither a reference nor a value that another tool replaces. */
export function isInvalidImage(name: string): boolean {
  return parseImageName(name) === undefined && !isPlaceholder(name);
}

/** Whether the pods certainly stay in InvalidImageName. A text in angle brackets says what to write there. */
export function stopsPods(name: string): boolean {
  return isInvalidImage(name) && !/<[^<>]+>/.test(name);
}

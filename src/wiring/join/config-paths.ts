// The configuration that a container passes to HAProxy: from its command, the image's, or the usual paths.
import { posix } from "node:path";
import type { Container, ImageBuild, ImageCommand } from "../wiring.ts";

/** Paths of the Debian and Ubuntu packages, and of HAProxy's official image. */
export const USUAL_PATHS = ["/etc/haproxy/haproxy.cfg", "/usr/local/etc/haproxy/haproxy.cfg"];

/** Files and folders after `-f`, in order; empty if there are none. */
export function configPaths(
  container: Container | undefined,
  image: ImageBuild | undefined,
): readonly string[] {
  const words = wordsOf(container, image);
  const line = words.join(" ");
  const named = [...line.matchAll(/(?:^|\s)-f[A-Za-z]*[=\s]\s*(["']?)([^\s"';&|]+)\1/g)].flatMap(
    ([, , path]) => path ?? [],
  );
  return [...named, ...afterDashes(line)].flatMap((path) =>
    path.startsWith("/") ? [posix.normalize(path)] : [],
  );
}

/** Management guide, section 3: all words after `--` are files and folders. */
function afterDashes(line: string): readonly string[] {
  const words = line.trim().split(/\s+/);
  const program = words.findIndex((word) => /(?:^|\/)haproxy$/.test(word));
  const dashes = words.indexOf("--", program + 1);
  const rest = program < 0 || dashes < 0 ? [] : words.slice(dashes + 1);
  return rest.every((word) => word.startsWith("/")) ? rest : [];
}

/** Kubernetes, "Define a command": `command` replaces the image's entrypoint, and its command as well. */
function wordsOf(container: Container | undefined, image: ImageBuild | undefined): readonly string[] {
  const ofImage = (command: ImageCommand | undefined): readonly string[] => command?.words ?? [];
  if (container?.command) return [...container.command.value, ...(container.args?.value ?? [])];
  return [...ofImage(image?.entrypoint), ...(container?.args?.value ?? ofImage(image?.command))];
}

/** Whether its name, image or command shows that it runs HAProxy. */
export function indicatesHaproxy(container: Container): boolean {
  const words = [...(container.command?.value ?? []), ...(container.args?.value ?? [])].join(" ");
  // The organisation of HAProxy Technologies also publishes images of other programs.
  const image = (container.image?.value ?? "").replace(/haproxytech\//i, "");
  const about = /haproxy/i;
  if (ANOTHER_PROGRAM.test(container.image?.value ?? "") || /dataplaneapi/.test(words)) return false;
  return about.test(image) || about.test(words) || (about.test(container.name) && !OTHER_SERVERS.test(image));
}

/** Ingress controllers and routers write their own configuration; exporters have none. */
const ANOTHER_PROGRAM =
  /exporter|ingress|haproxy-router|dataplaneapi|dockercloud\/haproxy|tutum\/haproxy|eeacms\/haproxy|easy-haproxy|kube-vip|keepalived/i;

/** An image that is known to be another server: it does not run a HAProxy configuration, whatever its ports. */
export function isAnotherServer({ image }: Container): boolean {
  return image !== undefined && (ANOTHER_PROGRAM.test(image.value) || OTHER_SERVERS.test(image.value));
}

const OTHER_SERVERS =
  /(?:^|\/)(?:nginx|traefik|envoy|caddy|httpd|apache|varnish|squid|kong|tomcat|node|python|php|golang|openjdk|redis|valkey|memcached|postgres|mysql|mariadb|mongo|rabbitmq|kafka|elasticsearch|prometheus|grafana|http-echo|whoami|httpbin|busybox|alpine)(?:[:@][^/]*)?$/i;

export function imageHolds(image: ImageBuild): boolean {
  const base = "unknown" in image.base ? "" : image.base.value;
  const words = [...(image.entrypoint?.words ?? []), ...(image.command?.words ?? [])].join(" ");
  return (
    /haproxy/i.test(base) ||
    /haproxy/i.test(words) ||
    image.packages.some(({ value }) => /^haproxy\b/.test(value))
  );
}

/** Whether a text is a HAProxy configuration; `setup.cfg` and similar files have sections in brackets. */
export function looksLikeHaproxy(text: string): boolean {
  return (
    /^[ \t]*(?:global|defaults|(?:frontend|backend|listen)[ \t]+[^\s;{}][^;{}\n]*)[ \t]*(?:#.*)?\r?$/m.test(
      text,
    ) && !/^[ \t]*\[[^\]]*\][ \t]*$/m.test(text)
  );
}

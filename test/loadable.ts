// Rendered files in a separate folder, so that `haproxy -c` can load them: the certificates that it opens exist.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TextFile } from "../src/emit/file.ts";
import type { Haproxy } from "../src/haproxy/find.ts";
import { wordsOf } from "../src/haproxy/messages.ts";
import { validateConfig } from "../src/haproxy/validate.ts";
import { labAuthority, labCertificate } from "../src/lab/certificates.ts";
import { rewriteForLab } from "../src/lab/rewrite.ts";
import { parseHaproxyConfig, printHaproxyConfig } from "../src/wiring/haproxy/config.ts";

/** The container's environment. */
const SECRETS = { STATS_PASSWORD: "stand-in", STICKY_KEY: "stand-in" };

export interface Loadables {
  /** The errors and warnings of this HAProxy about the files; empty if there are none. */
  objections(haproxy: Haproxy, files: readonly TextFile[]): Promise<string>;
  remove(): void;
}

export function openLoadables(): Loadables {
  const root = mkdtempSync(join(tmpdir(), "portico-loadable-"));
  const certificate = join(root, "certificate.pem");
  const authority = join(root, "authority.pem");
  writeFileSync(certificate, labCertificate(["loadable.example.com"]).bundle);
  writeFileSync(authority, labAuthority().certificate);
  const file = ({ role }: { readonly role: string }) =>
    role === "certificate" ? certificate : role === "ca" ? authority : undefined;
  const withCertificates = (config: string) =>
    printHaproxyConfig(rewriteForLab(parseHaproxyConfig(config, "haproxy.cfg"), { file }));
  let count = 0;
  return {
    async objections(haproxy, files) {
      const folder = join(root, String(count++));
      for (const { path, content } of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), path.endsWith(".cfg") ? withCertificates(content) : content);
      }
      const file = join(folder, "haproxy/haproxy.cfg");
      const { errors, warnings } = await validateConfig(haproxy, file, { cwd: folder, env: SECRETS });
      return [...errors, ...warnings].map(wordsOf).join("\n");
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

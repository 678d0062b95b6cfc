// Rendered files in a folder of their own, as `haproxy -c` can load them: the certificates that it opens exist.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EmittedFile } from "../src/emit/file.ts";
import type { Haproxy } from "../src/haproxy/find.ts";
import { validateConfig } from "../src/haproxy/validate.ts";
import { labAuthority, labCertificate } from "../src/lab/certificates.ts";
import { rewriteForLab } from "../src/lab/rewrite.ts";
import { parseHaproxyConfig, printHaproxyConfig } from "../src/wiring/haproxy/config.ts";

export interface Loadables {
  /** All that this HAProxy says about the files beyond that they are valid; nothing when it takes them without a warning. */
  objections(haproxy: Haproxy, files: readonly EmittedFile[]): Promise<string>;
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
      const { output } = await validateConfig(haproxy, join(folder, "haproxy/haproxy.cfg"), { cwd: folder });
      return output.replace("Configuration file is valid\n", "");
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

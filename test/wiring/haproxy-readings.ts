// Reads back how the installed HAProxy interprets a configuration.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Verdict {
  /** Exit status of `haproxy -c`: 2 means that the file is valid but binds nothing. */
  readonly status: number | null;
  readonly output: string;
}

/** `haproxy -c` on this text, `/FOLDER/` replaced by a folder with these files. */
export function queryHaproxy(text: string, files: Readonly<Record<string, string>> = {}): Verdict {
  return inFolder((folder) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const path = join(folder, "haproxy.cfg");
    writeFileSync(path, text.replaceAll("/FOLDER/", `${folder}/`));
    const binary = process.env.PORTICO_HAPROXY ?? "haproxy";
    const env = {
      PATH: `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin`,
      SET: "a value",
      OTHER: "/etc/haproxy",
    };
    const { status, stdout, stderr, error } = spawnSync(binary, ["-c", "-f", path], {
      encoding: "utf8",
      env,
    });
    if (error) throw error;
    return { status, output: stdout + stderr };
  });
}

/** The values that HAProxy reads for these words; undefined for a refused one. */
export function valuesByHaproxy(words: readonly string[]): readonly (string | undefined)[] {
  const lines = words.map(
    (word, index) => `  setenv W${index} ${word}\n  .notice "<<${index}:\${W${index}}:${index}>>"\n`,
  );
  const { output } = queryHaproxy(`global\n${lines.join("")}`);
  return words.map((_, index) => {
    const start = output.indexOf(`<<${index}:`);
    const end = output.indexOf(`:${index}>>`, start);
    return start < 0 || end < 0 ? undefined : output.slice(start + `<<${index}:`.length, end);
  });
}

function inFolder<T>(run: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "portico-wiring-"));
  try {
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

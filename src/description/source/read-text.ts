// Reading a description's file as text: bounded in size, UTF-8, no NUL.
import { closeSync, openSync, readSync } from "node:fs";
import type { Finding, Outcome, Position } from "../../findings/finding.ts";
import type { DescriptionFile } from "./find-file.ts";

/** 10,000 routes take about 1 MB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The text of the file without a byte order mark, or why it is none. Never reads more than the limit. */
export function readText(file: DescriptionFile): Outcome<string> {
  if (file.bytes > MAX_BYTES) return failed(tooLarge(file, file.bytes));
  let bytes: Buffer;
  try {
    bytes = readAtMost(file.path, MAX_BYTES + 1);
  } catch (error) {
    return failed(unreadable(file, (error as NodeJS.ErrnoException).code ?? String(error)));
  }
  if (bytes.length > MAX_BYTES) return failed(tooLarge(file, undefined));
  const nul = bytes.indexOf(0);
  if (nul !== -1)
    return failed(
      notText(
        file,
        bytes,
        nul,
        utf16(bytes) ? "this is UTF-16, not UTF-8" : "a NUL byte stands here: this is no text",
      ),
    );
  try {
    return { value: new TextDecoder("utf-8", { fatal: true }).decode(bytes), findings: [] };
  } catch {
    return failed(notText(file, bytes, firstInvalid(bytes), "bytes stand here that are no UTF-8"));
  }
}

function readAtMost(path: string, limit: number): Buffer {
  const descriptor = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    let total = 0;
    while (total < limit) {
      const chunk = Buffer.allocUnsafe(Math.min(limit - total, 1 << 20));
      const count = readSync(descriptor, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      total += count;
    }
    return Buffer.concat(chunks, total);
  } finally {
    closeSync(descriptor);
  }
}

function utf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/** The offset of the first byte that is no UTF-8: decoding stops being lossless there. */
function firstInvalid(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString("utf8"), "utf8");
  let at = 0;
  while (at < bytes.length && bytes[at] === again[at]) at++;
  return at;
}

function notText(file: DescriptionFile, bytes: Buffer, offset: number, what: string): Finding {
  const before = bytes.subarray(0, offset).toString("utf8").split("\n");
  const at: Position = { file: file.name, line: before.length, column: (before.at(-1) ?? "").length + 1 };
  return {
    code: "description-not-text",
    severity: "error",
    what,
    why: "A description is text in UTF-8.",
    remedy: "Save it as UTF-8, or name another file.",
    at: [at],
  };
}

function tooLarge(file: DescriptionFile, bytes: number | undefined): Finding {
  const size =
    bytes === undefined ? `more than ${MAX_BYTES >> 20} MiB` : `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return {
    code: "description-too-large",
    severity: "error",
    what: `${file.name} holds ${size}`,
    why: `Descriptions end at ${MAX_BYTES >> 20} MiB; ten thousand routes take one.`,
    remedy: "Name another file, or generate the routes in portico.config.ts.",
    at: [],
  };
}

function unreadable(file: DescriptionFile, reason: string): Finding {
  return {
    code: "description-unreadable",
    severity: "error",
    what: `${file.name} cannot be read: ${reason}`,
    why: "The system refuses it.",
    remedy: "Look at the file's permissions.",
    at: [],
  };
}

function failed(finding: Finding): Outcome<string> {
  return { findings: [finding] };
}

// Reading a description's file as text: bounded in size, UTF-8, no NUL.
import { closeSync, constants, openSync, readSync, statSync } from "node:fs";
import type { Finding, Outcome, Position } from "../../findings/finding.ts";
import {
  MAX_DESCRIPTION_BYTES as MAX_BYTES,
  MAX_DESCRIPTION_PARTS,
  partsOf,
  shownLimit,
} from "../../source/limits.ts";
import type { DescriptionFile } from "./find-file.ts";

/** The text of the file without a byte order mark, or why it is invalid. Never reads more than the limit. */
export function readText(file: DescriptionFile): Outcome<string> {
  if (file.bytes > MAX_BYTES) return failed(tooLarge(file, file.bytes));
  let bytes: Buffer;
  try {
    const read = readAtMost(file.path, MAX_BYTES + 1);
    if (read === undefined) return failed(idlePipe(file));
    bytes = read;
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
        utf16(bytes) ? "this is UTF-16, not UTF-8" : "a NUL byte is here: this is not text",
      ),
    );
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const isTooLong = partsOf(text, { entries: true }) > MAX_DESCRIPTION_PARTS;
    return isTooLong ? failed(tooManyParts(file)) : { value: text, findings: [] };
  } catch {
    return failed(notText(file, bytes, firstInvalid(bytes), "bytes here are not UTF-8"));
  }
}

/** Idle timeout for the other end of a named pipe. */
const PIPE_WAIT_MS = 3000;
const PIPE_POLL_MS = 10;

/** undefined: a named pipe that no program writes to. */
function readAtMost(path: string, limit: number): Buffer | undefined {
  // What the shell connects (`/dev/stdin`, `/dev/fd/63`) has a writer. Opening any other pipe would wait for a writer indefinitely.
  const waits = /^\/(?:dev|proc)\//.test(path) || !statSync(path).isFIFO();
  const descriptor = openSync(path, constants.O_RDONLY | (waits ? 0 : constants.O_NONBLOCK));
  try {
    const chunks: Buffer[] = [];
    let total = 0;
    let idleMs = 0;
    while (total < limit) {
      const chunk = Buffer.allocUnsafe(Math.min(limit - total, 1 << 20));
      const count = waits ? readSync(descriptor, chunk) : readNow(descriptor, chunk);
      if (count === undefined || (count === 0 && total === 0 && !waits)) {
        idleMs += PIPE_POLL_MS;
        if (idleMs > PIPE_WAIT_MS) return undefined;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_POLL_MS);
        continue;
      }
      idleMs = 0;
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      total += count;
    }
    return Buffer.concat(chunks, total);
  } finally {
    closeSync(descriptor);
  }
}

/** undefined: nothing has arrived yet. */
function readNow(descriptor: number, chunk: Buffer): number | undefined {
  try {
    return readSync(descriptor, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}

function utf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/** The offset of the first byte that is not UTF-8: decoding stops being lossless there. */
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
    remedy: "Save the file as UTF-8, or name another file.",
    at: [at],
  };
}

function tooLarge(file: DescriptionFile, bytes: number | undefined): Finding {
  const size =
    bytes === undefined ? `more than ${MAX_BYTES >> 20} MiB` : `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return {
    code: "description-too-large",
    severity: "error",
    what: `${file.name} has ${size}`,
    why: `A description has at most ${MAX_BYTES >> 20} MiB; ten thousand routes need about 1 MiB.`,
    remedy: "Name another file, or generate the routes in `portico.config.ts`.",
    at: [],
  };
}

function tooManyParts(file: DescriptionFile): Finding {
  return {
    code: "description-too-large",
    severity: "error",
    what: `${file.name} has more than ${shownLimit(MAX_DESCRIPTION_PARTS)} lines and entries of lists and maps`,
    why: "This is the limit of a description. Portico has not examined the file. Ten thousand routes need a tenth of the limit.",
    remedy: "Name another file, or split the edge into several descriptions.",
    at: [],
  };
}

function idlePipe(file: DescriptionFile): Finding {
  return {
    code: "description-unreadable",
    severity: "error",
    what: `${file.name} is a pipe that no program writes to`,
    why: `Portico waited for ${PIPE_WAIT_MS / 1000} s and received no data.`,
    remedy: "First start the program that writes to it, or name a file.",
    at: [],
  };
}

function unreadable(file: DescriptionFile, reason: string): Finding {
  return {
    code: "description-unreadable",
    severity: "error",
    what: `${file.name} cannot be read: ${reason}`,
    why: "The operating system denies access.",
    remedy: "Check the permissions of the file.",
    at: [],
  };
}

function failed(finding: Finding): Outcome<string> {
  return { findings: [finding] };
}

// Attacks in HTTP/2: each is one connection with one stream.

import { continuation, data, type Field, headersFrame, PREFACE } from "../http2-frames.ts";
import { type Attack, bytesOf, visible } from "./attack.ts";
import { STREAMS, type Stream } from "./http2-streams.ts";

export const http2: readonly Attack[] = STREAMS.map(([name, stream]) => ({
  kind: "HTTP/2",
  name: visible(name),
  bytes: (id) => streamBytes(stream, id),
  ...(stream.neverForwarded ? { neverForwarded: true } : {}),
}));

function streamBytes({ fields, body, trailers, cutAt }: Stream, id: string): Buffer {
  const last = body === undefined && trailers === undefined;
  const frames =
    cutAt === undefined
      ? [headersFrame(named(fields, id), { last })]
      : continuation(named(fields, id), { last, cutAt });
  if (body !== undefined) frames.push(data(bytesOf(body, id), { last: trailers === undefined }));
  if (trailers !== undefined) frames.push(headersFrame(named(trailers, id), { last: true }));
  return Buffer.concat([PREFACE, ...frames]);
}

function named(fields: readonly Field[], id: string): readonly Field[] {
  return fields.map(([name, value]) => [
    bytesOf(name, id).toString("latin1"),
    bytesOf(value === "ID" ? id : value, id).toString("latin1"),
  ]);
}

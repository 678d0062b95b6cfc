// HTTP/2 frames (RFC 9113, 4 and 6) with any content; header blocks are literals without indexing (RFC 7541, 6.2.2).

/** Name and value as bytes (latin1). */
export type Field = readonly [name: string, value: string];

export const TYPES = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, continuation: 9 };
export const END_STREAM = 1;
export const END_HEADERS = 4;

/** The client's preface and an empty SETTINGS frame. */
export const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  frame(TYPES.settings, 0, 0),
]);

/** Of stream 1, as all below. `last`: nothing follows in this stream. */
export function headersFrame(fields: readonly Field[], { last }: { readonly last: boolean }): Buffer {
  return frame(TYPES.headers, END_HEADERS | (last ? END_STREAM : 0), 1, headerBlock(fields));
}

/** A header block in two frames. */
export function continuation(
  fields: readonly Field[],
  { last, cutAt }: { readonly last: boolean; readonly cutAt: number },
): Buffer[] {
  const block = headerBlock(fields);
  return [
    frame(TYPES.headers, last ? END_STREAM : 0, 1, block.subarray(0, cutAt)),
    frame(TYPES.continuation, END_HEADERS, 1, block.subarray(cutAt)),
  ];
}

export function data(payload: Buffer, { last }: { readonly last: boolean }): Buffer {
  return frame(TYPES.data, last ? END_STREAM : 0, 1, payload);
}

/** Whether the peer has ended stream 1, reset it, or gone away. */
export function isAnswered(received: Buffer): boolean {
  return framesOf(received).some(
    ({ type, flags, stream }) =>
      type === 7 || (stream === 1 && (type === 3 || (type <= 1 && (flags & END_STREAM) !== 0))),
  );
}

/** What DATA frames carry. */
export function dataIn(received: Buffer): string {
  return framesOf(received)
    .filter(({ type }) => type === TYPES.data)
    .map(({ payload }) => payload.toString("latin1"))
    .join("");
}

function framesOf(bytes: Buffer) {
  const frames: { type: number; flags: number; stream: number; payload: Buffer }[] = [];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return frames;
}

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function headerBlock(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

/** A string literal without Huffman coding (RFC 7541, 5.2); its length is an integer with a prefix of 7 bits (5.1). */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  const length = [];
  let rest = bytes.length;
  if (rest < 127) length.push(rest);
  else {
    length.push(127);
    rest -= 127;
    for (; rest >= 128; rest = rest >> 7) length.push((rest & 127) | 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

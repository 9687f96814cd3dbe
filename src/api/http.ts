/**
 * HTTP/1.1 (RFC 9112) as far as one request on a unix socket needs it: node:http alone takes longer to load than a
 * listing takes. The answer's body comes as it arrives, by its length, in chunks or up to the end.
 */

import { connect, type Socket } from 'node:net';

export type Request = {
  readonly method: string;
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  /** An ETag. */
  readonly ifMatch?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Response = { readonly status: number; readonly body: AsyncIterable<Buffer> };

/** Rejects with the socket's own error; with code ECONNRESET where the other side ended before its answer did. */
export async function request(
  socketPath: string,
  { method, path, body, ifMatch, headers = {} }: Request,
): Promise<Response> {
  const socket = connect(socketPath);
  const content = body === undefined ? [] : ['content-type: application/json', lengthLine(body)];
  const condition = ifMatch === undefined ? [] : [`if-match: ${ifMatch}`];
  socket.write(
    [
      `${method} ${path} HTTP/1.1`,
      'host: director',
      'connection: close',
      ...content,
      ...condition,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      body ?? '',
    ].join('\r\n'),
  );
  const input = createInput(socket);
  try {
    const [statusLine = '', ...fields] = (await input.upTo('\r\n\r\n')).split('\r\n');
    const headers = new Map(fields.map((field) => nameAndValue(field)));
    const status = Number(statusLine.split(' ')[1]);
    return { status, body: bodyOf(input, status, headers, socket) };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function lengthLine(body: string): string {
  return `content-length: ${Buffer.byteLength(body)}`;
}

function nameAndValue(field: string): readonly [string, string] {
  const colon = field.indexOf(':');
  return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
}

async function* bodyOf(
  input: Input,
  status: number,
  headers: ReadonlyMap<string, string>,
  socket: Socket,
): AsyncGenerator<Buffer> {
  try {
    const length = headers.get('content-length');
    if (headers.get('transfer-encoding') === 'chunked') yield* chunksOf(input);
    else if (length !== undefined) yield* input.next(Number(length));
    else if (status !== 204) yield* input.rest();
  } finally {
    socket.destroy();
  }
}

async function* chunksOf(input: Input): AsyncGenerator<Buffer> {
  for (;;) {
    const size = Number.parseInt(await input.upTo('\r\n'), 16);
    yield* input.next(size);
    if (!(size > 0)) return; // no trailers are sent to us
    await input.upTo('\r\n');
  }
}

type Input = ReturnType<typeof createInput>;

/** What a socket brings, in the pieces asked for. */
function createInput(socket: Socket) {
  const pieces = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const { value, done } = await pieces.next();
    if (done) return false;
    held = held.length === 0 ? value : Buffer.concat([held, value]);
    return true;
  };
  const take = (length: number): Buffer => {
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  };
  return {
    /** The text in front of `end`, which is read as well. */
    async upTo(end: string): Promise<string> {
      let at = held.indexOf(end);
      while (at < 0) {
        if (!(await more())) throw endedEarly();
        at = held.indexOf(end);
      }
      const text = take(at).toString();
      take(end.length);
      return text;
    },
    async *next(length: number): AsyncGenerator<Buffer> {
      for (let left = length; left > 0; ) {
        if (held.length === 0 && !(await more())) throw endedEarly();
        const piece = take(left);
        left -= piece.length;
        yield piece;
      }
    },
    async *rest(): AsyncGenerator<Buffer> {
      while (held.length > 0 || (await more())) yield take(held.length);
    },
  };
}

function endedEarly(): Error {
  return Object.assign(new Error('the connection ended early'), { code: 'ECONNRESET' });
}

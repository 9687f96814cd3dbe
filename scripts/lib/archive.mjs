/** A first root for a kernel (initramfs) as bytes: files in the format of cpio(5), "newc". Pure. */

/** @typedef {{ readonly path: string, readonly content?: Uint8Array }} File without content it is a directory */

const [directory, executable] = [0o040755, 0o100755];
const trailer = 'TRAILER!!!';

/** @param {readonly File[]} files */
export function archiveOf(files) {
  return Buffer.concat([...files.map(entryOf), entryOf({ path: trailer, content: new Uint8Array() }, -1)]);
}

/**
 * @param {File} file
 * @param {number} index
 */
function entryOf({ path, content }, index) {
  const name = Buffer.from(`${path}\0`);
  const mode = path === trailer ? 0 : content ? executable : directory;
  const size = content?.length ?? 0;
  const fields = [index + 1, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([
    padded(Buffer.concat([Buffer.from(header), name])),
    padded(content ?? new Uint8Array()),
  ]);
}

/** @param {Uint8Array} bytes */
function padded(bytes) {
  return Buffer.concat([bytes, new Uint8Array(-bytes.length & 3)]);
}

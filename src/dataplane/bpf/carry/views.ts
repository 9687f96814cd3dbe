/** Room for structs. Pure. */

export function viewOf(bytes: number): DataView {
  return new DataView(new ArrayBuffer(bytes));
}

export function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

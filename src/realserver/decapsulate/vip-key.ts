/** struct fl_realserver_vip, the key of the map of virtual addresses: bytes in, addresses out. Pure. */

import { type Address, addressFromBytes, addressToBytes, familyOf } from '../../ipvs/address.ts';
import { flRealserverVip } from '../abi.gen.ts';

const { address: addressField, family: familyField } = flRealserverVip.fields;

/** The bytes of one key. */
export const vipKeyBytes: number = flRealserverVip.size;

export function encodeVipKey(address: Address): Uint8Array {
  const key = new Uint8Array(vipKeyBytes);
  key.set(addressToBytes(address), addressField.offset);
  new DataView(key.buffer).setUint32(familyField.offset, familyOf(address), true);
  return key;
}

export function decodeVipKey(key: Uint8Array): Address {
  const family = new DataView(key.buffer, key.byteOffset).getUint32(familyField.offset, true);
  const length = family === 6 ? 16 : 4;
  return addressFromBytes(key.slice(addressField.offset, addressField.offset + length));
}

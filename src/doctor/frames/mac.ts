/** MAC addresses as text, `02:00:0a:00:00:01`, and as six octets. Pure. */

export const broadcastMac = 'ff:ff:ff:ff:ff:ff';

export function macBytes(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(':'), (octet) => Number.parseInt(octet, 16));
}

export function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** Configuration files of many services, twenty real servers each. Pure. */

const serversOfService = 20;

/** `isChanged`: every hundredth real server has another weight. */
export function fileOf(services: number, isChanged: boolean): string {
  const lines = ['services:'];
  for (let service = 0; service < services; service++) {
    lines.push(`  - tcp: 10.${service >> 8}.${service & 255}.1:80`, '    scheduler: wlc', '    servers:');
    for (let server = 1; server <= serversOfService; server++) {
      const number = service * serversOfService + server;
      const address = `172.${16 + (service >> 12)}.${(service >> 4) & 255}.${(service & 7) * 32 + server}`;
      lines.push(`      - {address: ${address}, weight: ${isChanged && number % 100 === 0 ? 2 : 1}}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

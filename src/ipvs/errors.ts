/**
 * Every refusal Fairlead can give, in one table: code, HTTP status, and the sentence a person reads.
 *
 * The sentences of the first group are ipvsadm's own (ipvsadm(8), its message strings), because scripts
 * match them. The code is what the API carries (`code` of application/problem+json) and what the
 * documentation lists in docs/errors.md.
 */

/** What ipvsadm says to EINVAL, whatever the reason was. */
const invalid = 'Invalid operation.  Possibly wrong module version, address not unicast, ...';

export const errorTable = {
  SERVICE_EXISTS: { status: 409, message: 'Service already exists' },
  SERVICE_NOT_FOUND: { status: 404, message: 'No such service' },
  SERVICE_NOT_DEFINED: { status: 404, message: 'Service not defined' },
  SCHEDULER_NOT_FOUND: { status: 400, message: 'Scheduler or persistence engine not found' },
  DESTINATION_EXISTS: { status: 409, message: 'Destination already exists' },
  DESTINATION_NOT_FOUND: { status: 404, message: 'No such destination' },
  DESTINATION_NOT_UNICAST: { status: 400, message: invalid },
  DESTINATION_FAMILY: { status: 400, message: invalid },
  TUNNEL_INVALID: { status: 400, message: invalid },
  SERVICE_INVALID: { status: 400, message: invalid },
  THRESHOLDS_OUT_OF_RANGE: { status: 400, message: 'Numerical result out of range' },
  NO_SYNC_DAEMON: { status: 404, message: 'No daemon is running' },
  SYNC_DAEMON_EXISTS: { status: 409, message: 'Daemon has already run' },
  SYNC_INTERFACE_NOT_FOUND: { status: 404, message: 'No such device' },
  SYNC_INTERFACE_DOWN: { status: 409, message: 'Network is unreachable' },
  SYNC_MIXED_FAMILIES: { status: 409, message: invalid },
  OUT_OF_MEMORY: { status: 507, message: 'Memory allocation problem' },

  NOT_ROOT: { status: 403, message: "Can't initialize ipvs: Permission denied (you must be root)" },
  NO_BPF: { status: 501, message: "Can't initialize ipvs: this kernel refuses BPF" },
  NO_PROGRAM: { status: 501, message: 'A program is missing' },
  NO_LIBRARY: { status: 501, message: "Can't initialize ipvs: a library is missing" },
  FOREIGN_DATA_PLANE: { status: 409, message: 'The data plane in this namespace is of another version' },
  OBJECT_MISMATCH: { status: 501, message: 'The compiled BPF object is not the one this was built with' },
  DIRECTOR_UNREACHABLE: { status: 503, message: 'The director of this namespace does not answer' },
  NAMESPACE_GONE: { status: 410, message: 'The network namespace of this director is gone' },
  ADDRESS_NOT_HERE: { status: 404, message: 'No interface here has this address' },
  ADDRESS_WITHOUT_SEGMENT: { status: 409, message: 'No segment could hear of this address' },
  INTERFACE_NOT_FOUND: { status: 404, message: 'No such interface' },
  INTERFACE_NOT_ETHERNET: { status: 400, message: 'Not an Ethernet interface' },
  HOOK_UNAVAILABLE: { status: 409, message: 'The hook cannot be attached to this interface' },
  SYSCTL_UNKNOWN: { status: 404, message: 'No such setting' },
  SYSCTL_OUT_OF_RANGE: { status: 400, message: 'Out of range' },
  MARK_RULE_INVALID: { status: 400, message: 'The mark rule makes no sense' },
  MARK_RULE_NOT_FOUND: { status: 404, message: 'No such mark rule' },
  MARK_RULES_FULL: { status: 507, message: 'There is no room for so many mark rules' },
  REALSERVER_REFUSED: { status: 409, message: 'This machine cannot be made such a real server' },
  REALSERVER_FAILED: { status: 500, message: 'A step has failed' },
  REALSERVER_ABSENT: { status: 404, message: 'This machine has not joined as a real server' },
  NO_CONFIGURATION: { status: 409, message: 'The daemon has no configuration file' },
  CONFIGURATION_REFUSED: {
    status: 422,
    message: 'The configuration file is refused, and nothing was changed',
  },
  DAEMON_OPTION: { status: 400, message: 'The daemon cannot be started like this' },
  ALREADY_LOADED: { status: 409, message: 'The data plane is loaded already' },
  UNAUTHENTICATED: { status: 401, message: 'A token is needed' },
  FORBIDDEN: { status: 403, message: 'This token may not do that' },
  ROUTE_NOT_FOUND: { status: 404, message: 'The API has no such route' },
  CONFIGURATION_CHANGED: { status: 412, message: 'The configuration is another one by now' },
  BODY_TOO_LARGE: { status: 413, message: 'The request is too large' },
  NOT_JSON: { status: 415, message: 'The request is not JSON' },
  TOO_MANY_REQUESTS: { status: 429, message: 'Too many requests' },
  HEADERS_TOO_LARGE: { status: 431, message: "The request's head is too large" },
  REQUEST_TOO_SLOW: { status: 408, message: 'The request took too long to come' },
  BUSY: { status: 503, message: 'Too much is being asked at once' },
  LISTENER_INVALID: { status: 400, message: 'The API cannot be opened there' },
  LISTENER_FAILED: { status: 409, message: 'The API cannot be opened there now' },
  TOKEN_FILE: { status: 500, message: 'The file of tokens cannot be used' },
  TOKEN_EXISTS: { status: 409, message: 'There is a token of this name' },
  TOKEN_NOT_FOUND: { status: 404, message: 'There is no token of this name' },
  BAD_REQUEST: { status: 400, message: 'The request does not fit the API' },
  SYSTEM_CALL: { status: 500, message: 'A system call failed' },
} as const satisfies Record<string, { readonly status: number; readonly message: string }>;

export type ErrorCode = keyof typeof errorTable;

/** Where the documentation speaks of a code: the `type` of a problem. */
export function problemType(code: ErrorCode): string {
  return `/docs/errors.md#${code}`;
}

/** A refusal with its code. `message` is the table's sentence, followed by `detail` where there is one. */
export class FairleadError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ? `${errorTable[code].message}: ${detail}` : errorTable[code].message, options);
    this.name = 'FairleadError';
    this.code = code;
    this.detail = detail;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}

/** What anything that was thrown has to say. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Why a rehearsal cannot take place, for the user: the machine, the Envoy or the input is at fault. */
export class RehearsalError extends Error {}

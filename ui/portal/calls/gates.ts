/** What a call passes on its way, in the gateway's order, and where one that was refused came to stand. */

export const gates = [
  'authenticate',
  'entitle',
  'limit',
  'consent',
  'version',
  'validate',
  'once',
  'forward',
  'release',
  'record',
] as const
export type GateName = (typeof gates)[number]

/** Codes that one gate alone says; families below are by what stands before the slash. */
const byCode: Readonly<Record<string, GateName>> = {
  'gateway/token-malformed': 'authenticate',
  'gateway/token-invalid': 'authenticate',
  'gateway/sender-unproven': 'authenticate',
  'gateway/certificate-refused': 'authenticate',
  'gateway/wrong-environment': 'authenticate',
  'gateway/directory-refused': 'authenticate',
  'gateway/scope-missing': 'entitle',
  'gateway/revocations-unheard': 'entitle',
  'gateway/rate-limited': 'limit',
  'gateway/limits-full': 'limit',
  'gateway/limits-unavailable': 'limit',
  'gateway/overloaded': 'limit',
  'contracts/quota-exhausted': 'limit',
  'budgets/cap-reached': 'limit',
  'payments/differs-from-consent': 'consent',
  'gateway/version-unknown': 'version',
  'gateway/version-retired': 'version',
  'gateway/version-brownout': 'version',
  'gateway/version-unserved': 'validate',
  'gateway/request-invalid': 'validate',
  'gateway/media-type-unsupported': 'validate',
  'gateway/card-number-refused': 'validate',
  'gateway/body-too-large': 'validate',
  'gateway/signature-missing': 'validate',
  'gateway/signature-invalid': 'validate',
  'gateway/scenario-unknown': 'validate',
  'gateway/sandbox-control-refused': 'validate',
  'gateway/idempotency-key-missing': 'once',
  'gateway/idempotency-key-malformed': 'once',
  'gateway/idempotency-key-reused': 'once',
  'gateway/request-in-progress': 'once',
  'gateway/replay-not-kept': 'once',
  'gateway/outcome-unknown': 'once',
  'gateway/once-unavailable': 'once',
  'gateway/answer-withheld': 'release',
}
const byFamily: Readonly<Record<string, GateName>> = {
  partners: 'entitle',
  licences: 'entitle',
  contracts: 'entitle',
  consents: 'consent',
}

/** The gate that said no. What no gate of ours says, the bank behind them said. */
export const gateOf = (code: string): GateName =>
  byCode[code] ?? byFamily[code.split('/')[0] ?? ''] ?? 'forward'

export type Passing = 'passed' | 'refused' | 'not-reached'

/** How each gate stood. What was refused is on record all the same. */
export const passingsOf = (code: string | null): readonly (readonly [GateName, Passing])[] => {
  const at = code === null ? gates.length : gates.indexOf(gateOf(code))
  return gates.map((gate, place) => [
    gate,
    gate === 'record' || place < at ? 'passed' : place === at ? 'refused' : 'not-reached',
  ])
}

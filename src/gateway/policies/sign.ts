/** Who signed the request, where contract or operation ask for it, proven before anything happens (O12). */
import { type Answer, type Call, type Gateway, identityOf } from '../call.ts'
import {
  SIGNATURE_HEADER,
  signatureFault,
  signatureInvalid,
  signatureMissing,
} from '../signatures.ts'
import { keyOf } from './once.ts'

/** Writes only: a read repudiates nothing. A signature that nobody asked for is held to what it says all the same. */
export const signed = (call: Call, gateway: Gateway): void | Promise<void> => {
  if (call.operation.idempotency === null) return
  const written = call.head.headers[SIGNATURE_HEADER]
  if (written !== undefined) return prove(call, gateway, written)
  if (isRequired(call))
    throw signatureMissing(`the ${asker(call)} asks for a signature of this request`, {
      gate: 'partner',
      hint: 'Send a detached JWS of the body in x-jws-signature, by a key registered for the application.',
    })
}

const isRequired = (call: Call): boolean =>
  call.operation.idempotency !== null &&
  (call.operation.signature === 'required' ||
    identityOf(call).application.partner.contract?.signatures === 'required')

const asker = ({ operation }: Call) =>
  operation.signature === 'required' ? 'operation' : 'contract'

const prove = async (call: Call, gateway: Gateway, written: string): Promise<void> => {
  const { application } = identityOf(call)
  const isRevoked = (kid: string) =>
    gateway.denials.denies('key', `${application.id} ${kid}`, call.atMs, call.table.compiledAtMs)
  const registered = await application.signingKeys()
  const keys = new Map(registered.entries().filter(([kid]) => !isRevoked(kid)))
  const fault = await signatureFault(call, written, keys, {
    applicationId: application.id,
    key: keyOf(call),
  })
  if (fault !== undefined) throw signatureInvalid(fault, { gate: 'partner' })
}

/**
 * The answer of a call that is signed, or should have been, is signed too: what was refused as well as what was done. And
 * every answer of an operation whose document says so, so that a partner can prove what it was told.
 */
export const signAnswer = (call: Call, gateway: Gateway): void | Promise<void> => {
  const { idempotency, signature } = call.operation
  const offered = idempotency !== null && call.head.headers[SIGNATURE_HEADER] !== undefined
  const isSigned = signature === 'answer' || isRequired(call) || offered
  if (isSigned && call.answer) return withSignature(call, gateway, call.answer)
}

const withSignature = async (call: Call, gateway: Gateway, answer: Answer): Promise<void> => {
  const { application } = identityOf(call)
  call.answer = await gateway.signer.sign(call, answer, application.id)
}

/**
 * Who is there, and how sure we are: passwords, second factors, sessions and patience with guessers, the same for the
 * bank's people and the partners'. A holder is the id of either.
 */
export {
  confirmTotp,
  drawRecoveryCodes,
  factorRefused,
  type Factors,
  factorsOf,
  lastFactor,
  removeTotp,
  resetFactors,
  seedTotp,
  startTotp,
  useCode,
} from './factors.ts'
export { type Entrance, type Holder, standingOf } from './entrance.ts'
export {
  emailUnproven,
  factorAsked,
  factorMissing,
  factorStale,
  freshUntil,
  type Proof,
  proves,
  type Standing,
} from './freshness.ts'
export { forget as forgetSecrets, type Passkey } from './store.ts'
export {
  Assertion,
  Attestation,
  PasskeyName,
  PasskeyOptions,
  SecurityView,
  StandingView,
  viewOfFactors,
  viewOfSessions,
  viewOfStanding,
} from './wire.ts'
export { codeSentLately, codeWrong, sendCode, takeCode } from './mail-codes.ts'
export {
  addPasskey,
  checkSignature,
  challengeFor,
  passkeyRefused,
  registrationFor,
  removePasskey,
  renamePasskey,
  type RelyingParty,
  SignedStatement,
  usePasskey,
} from './passkeys.ts'
export { hashPassword, Password, passwordFits } from './password.ts'
export { signInDelayed } from './patience.ts'
export {
  Credentials,
  type From,
  Session,
  type SignIns,
  signInRefused,
  signInsOver,
} from './sessions.ts'

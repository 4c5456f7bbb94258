/** Payments that customers approve, shared out to those they are for, and given back. */
export { type Carrier, openCarrier } from './carrier.ts'
export { createRefund } from './give-back.ts'
export { createPayment, getPayment } from './pay.ts'
export { paymentTransitions } from './payment.ts'
export { type ProgrammeAccount, programmeAccountOf, seedProgrammeAccounts } from './programme.ts'
export { createSplitPayment, getSplitPayment, releaseLeg, type SplitState } from './share-out.ts'

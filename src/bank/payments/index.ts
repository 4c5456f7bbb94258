/** Payments that customers approve, the orders that make them, what is shared out of them and what comes back. */
export { transfersAtCore } from './at-core.ts'
export { type Carrier, openCarrier } from './carrier.ts'
export { collectionContract, collectionDesk, collectionsAtCore } from './collections/index.ts'
export { createRefund } from './give-back.ts'
export { cancelPayment, createPayment, getPayment, listPayments } from './pay.ts'
export { paymentTransitions } from './payment.ts'
export { type ProgrammeAccount, programmeAccountOf, seedProgrammeAccounts } from './programme.ts'
export { createSplitPayment, getSplitPayment, releaseLeg, type SplitState } from './share-out.ts'

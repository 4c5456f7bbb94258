/** What a bank shows a supervisor: a partner and a period in one signed archive that is checked without the platform. */
export type { Asked } from './asked.ts'
export { hearConsents, type HearConsents } from './consented.ts'
export { makeWaiting, orderPack, PACKS_JOB, packsJob } from './jobs.ts'
export { periodUnfit } from './ordered.ts'
export { Pack } from './pack.ts'
export { archiveUnreadable, readTar, writeTar } from './tar.ts'
export { type PackReport, verifyPack } from './verify.ts'
export { makePack, type Making, recordPack } from './making.ts'

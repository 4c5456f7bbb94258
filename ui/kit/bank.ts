/** Whose pages these are, as the server behind them says before the first one stands. */
import { read } from './api.ts'

export interface Bank {
  readonly name: string
  /** IANA zone: what is dated here is dated as the bank dates it. */
  readonly zone: string
}

let known: Bank = { name: 'Portico', zone: 'UTC' }

export const bank = (): Bank => known

/** Asks once. Pages stand without an answer too: a server that is away is told of by the page that needs it. */
export const learnBank = async (): Promise<void> => {
  known = await read<Bank>('/api/bank').catch(() => known)
}
